/** Asks again and again until the answer is right, and returns it. Fails after half a minute. */
export async function until<T>(ask: () => T | Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)} after 30 seconds`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
