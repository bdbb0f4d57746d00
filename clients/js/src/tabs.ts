/**
 * What tabs of one origin tell each other. Nothing rests on it: a tab that hears nothing renews for itself, and the
 * service answers two renewals at once with the identical successor.
 */

/** `busy` asks the others to wait a moment, `free` takes that back, the rest is news. */
export type Message<News> = { busy: boolean } | { news: News };

export interface Tabs<News> {
  tell(news: News): void;
  busy(is: boolean): void;
  /** Comes when no other tab is at it any more, after some seconds in any case. */
  quiet(): Promise<void>;
  close(): void;
}

/** Another tab may have been frozen or closed in the middle. */
const PATIENCE = 5000;

export const joinTabs = <News>(name: string, hear: (news: News) => void): Tabs<News> => {
  const isBrowser = typeof document === "object" && typeof BroadcastChannel === "function";
  const channel = isBrowser ? new BroadcastChannel(name) : undefined;
  let until = 0;
  let wake = () => {};
  const send = (message: Message<News>) => channel?.postMessage(message);
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Message<News>>) => {
      until = "busy" in data && data.busy ? performance.now() + PATIENCE : 0;
      if ("news" in data) hear(data.news);
      wake();
    };
  }
  return {
    tell: (news) => send({ news }),
    busy: (busy) => send({ busy }),
    async quiet() {
      const limit = performance.now() + PATIENCE;
      let left = 0;
      // What has come already is heard first.
      do await new Promise<void>((done) => setTimeout((wake = done), left));
      while ((left = Math.min(until, limit) - performance.now()) > 0);
    },
    close: () => channel?.close(),
  };
};
