// Some calls are answered with "show again who you are". Here that is asked for, once, and the call made again; whoever made it sees only
// that it took longer. Without an answer, the call fails as it did.
import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '@sluice/control/router';

/** Resolves to whether it was confirmed. */
type Ask = () => Promise<boolean>;

let asker: Ask | null = null;
let asking: Promise<boolean> | null = null;

/** The dialog that asks, while there is one on the page. */
export function answerWith(ask: Ask): () => void {
  asker = ask;
  return () => {
    if (asker === ask) asker = null;
  };
}

/** Calls that wait at the same time wait for one answer. */
async function confirmed(): Promise<boolean> {
  if (asker === null) return false;
  asking ??= asker().finally(() => (asking = null));
  return asking;
}

/** What a program can do about a refusal, in a word; null when it says nothing. */
export function reasonOf(error: unknown): string | null {
  if (!(error instanceof TRPCClientError)) return null;
  const data: unknown = error.data;
  return typeof data === 'object' && data !== null && 'reason' in data && typeof data.reason === 'string' ? data.reason : null;
}

export const confirmLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) =>
    observable((observer) => {
      let gone = false;
      let current: { unsubscribe(): void } | null = null;
      const call = (again: boolean): void => {
        current = next(op).subscribe({
          next: (value) => observer.next(value),
          complete: () => observer.complete(),
          error: (error) => {
            if (again || reasonOf(error) !== 'confirm') return observer.error(error);
            void confirmed().then((yes) => {
              if (gone) return;
              if (yes) call(true);
              else observer.error(error);
            });
          },
        });
      };
      call(false);
      return () => {
        gone = true;
        current?.unsubscribe();
      };
    });
