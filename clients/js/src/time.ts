/** Seconds left, asked at any time. */
export type Left = () => number;

/**
 * Counts down from when something was told. The monotonic clock may stand still while a machine sleeps, and the wall
 * clock may be set: whichever went further is right, or early by one renewal too many. What the clock shows never
 * matters.
 */
export const countdown = (seconds = Infinity, at = Date.now()): Left => {
  const wall = Date.now();
  const steady = performance.now();
  return () => seconds - (wall - at + Math.max(Date.now() - wall, performance.now() - steady)) / 1000;
};

/** Something that others wait for too, for one who may leave before it is done. */
export const unless = <T>(signal: AbortSignal | null | undefined, promise: Promise<T>): Promise<T> =>
  Promise.race([
    promise,
    new Promise<never>((_, fail) => {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", () => fail(signal.reason));
    }),
  ]);

/** Waits for so many seconds, or until the network is back. */
export const pause = (seconds: number, signal?: AbortSignal | null): Promise<void> =>
  unless(
    signal,
    new Promise((done) => {
      setTimeout(done, seconds * 1000);
      globalThis.addEventListener?.("online", () => done(), { once: true });
    }),
  );
