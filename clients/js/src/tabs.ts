/**
 * What tabs of one origin tell each other. Nothing rests on it: a tab that hears nothing renews for itself, and the
 * service answers two renewals at once with the identical successor.
 */
export interface Tabs<News> {
  /** News, or whether this tab is at something that the others should wait for. */
  tell(message: News | boolean): void;
  /** Comes when no other tab is at anything any more, after some seconds in any case. */
  quiet(): Promise<void>;
}

/** Another tab may have been frozen or closed in the middle. */
const PATIENCE = 5000;

export const joinTabs = <News extends object>(name: string, hear: (news: News) => void): Tabs<News> => {
  const isBrowser = typeof document === "object" && typeof BroadcastChannel === "function";
  const channel = isBrowser ? new BroadcastChannel(name) : undefined;
  let until = 0;
  let wake: (() => void) | undefined;
  if (channel)
    channel.onmessage = ({ data }: MessageEvent<News | boolean>) => {
      until = data === true ? performance.now() + PATIENCE : 0;
      if (typeof data === "object") hear(data);
      wake?.();
    };
  return {
    tell: (message) => channel?.postMessage(message),
    async quiet() {
      const limit = performance.now() + PATIENCE;
      let left = 0;
      // What has come already is heard first.
      do await new Promise<void>((done) => setTimeout((wake = done), left));
      while ((left = Math.min(until, limit) - performance.now()) > 0);
    },
  };
};
