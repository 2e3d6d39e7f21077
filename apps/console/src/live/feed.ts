// The live picture of this browser: one event stream for all its tabs, since a browser opens six connections to a host and a seventh tab
// with a stream of its own could load nothing. Visible tabs queue for a lock; the holder keeps the stream and passes every tick on to the
// others; a tab that is hidden lets go, so that hidden tabs hold nothing. Where the browser has no locks (plain http on another address)
// each visible tab asks every few seconds instead.
import type { TRPCClient } from '@trpc/client';
import type { LiveTick } from '@sluice/contract/api';
import type { AppRouter } from '@sluice/control/router';

export type Feed = {
  /** Newest tick, and when it reached this tab (local clock, for ages only). */
  readonly tick: LiveTick | null;
  readonly receivedAt: number | null;
  /** The tick before, from which rates are taken. */
  readonly before: LiveTick | null;
  /** Whether this tab holds the browser's stream. */
  readonly leading: boolean;
};

const pollMs = 5_000;
const retryMs = 2_000;

export class LiveFeed {
  #state: Feed = { tick: null, receivedAt: null, before: null, leading: false };
  #listeners = new Set<() => void>();
  #channel: BroadcastChannel | null = null;
  #release: (() => void) | null = null;
  #client: TRPCClient<AppRouter>;
  /** Name of lock and channel: of one operator, so that two who share a browser never see each other's picture. */
  #name: string;

  constructor(client: TRPCClient<AppRouter>, userId: string) {
    this.#client = client;
    this.#name = `sluice-live:${userId}`;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): Feed => this.#state;

  /** Starts taking part; the answer ends it. */
  start(): () => void {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (event: MessageEvent<LiveTick>) => this.#take(event.data);
    const onVisibility = (): void => (document.visibilityState === 'visible' ? this.#join() : this.#leave());
    document.addEventListener('visibilitychange', onVisibility);
    onVisibility();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      this.#leave();
      this.#channel?.close();
      this.#channel = null;
    };
  }

  #set(change: Partial<Feed>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #take(tick: LiveTick): void {
    if (this.#state.tick?.at === tick.at) return;
    this.#set({ tick, receivedAt: Date.now(), before: this.#state.tick });
  }

  #join(): void {
    if (this.#release !== null) return;
    const leaving = new AbortController();
    this.#release = () => leaving.abort();
    // The library declares `locks` as always there; without a secure context it is not.
    if ((navigator as Partial<Navigator>).locks === undefined) return this.#poll(leaving.signal);
    navigator.locks
      .request(this.#name, { signal: leaving.signal }, () => this.#lead(leaving.signal))
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) throw error;
      });
  }

  #leave(): void {
    this.#release?.();
    this.#release = null;
  }

  /** Holds the stream until `leaving` aborts; the lock is held as long. */
  #lead(leaving: AbortSignal): Promise<void> {
    this.#set({ leading: true });
    return new Promise((resolve) => {
      let stream: { unsubscribe: () => void } | null = null;
      let retry: ReturnType<typeof setTimeout> | undefined;
      const open = (): void => {
        stream = this.#client.live.stream.subscribe(undefined, {
          onData: (tick) => {
            this.#take(tick);
            this.#channel?.postMessage(tick);
          },
          onError: () => again(),
          onComplete: () => again(),
        });
      };
      const again = (): void => {
        stream?.unsubscribe();
        clearTimeout(retry);
        if (!leaving.aborted) retry = setTimeout(open, retryMs);
      };
      leaving.addEventListener('abort', () => {
        clearTimeout(retry);
        stream?.unsubscribe();
        this.#set({ leading: false });
        resolve();
      });
      open();
    });
  }

  #poll(leaving: AbortSignal): void {
    const ask = async (): Promise<void> => {
      try {
        const nodes = await this.#client.nodes.list.query();
        this.#take({ at: new Date().toISOString(), nodes });
      } catch {
        // The age of the newest answer grows, and the page says so.
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), pollMs);
    leaving.addEventListener('abort', () => clearInterval(timer));
  }
}
