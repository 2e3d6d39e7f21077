// Contents that are too large to be held, on their way from the listener's thread to the engine's: a part at a time, moved and not copied,
// the next when the spool has the one before.
import type { MessagePort } from 'node:worker_threads';
import type { ContentRef } from '../entry.ts';
import type { ContentDraft } from '../ports.ts';
import { ReleasingMap } from '../releasing.ts';
import { failureOf } from './handover.ts';
import type { DraftMessage, ToListener } from './listener-messages.ts';

type Caller = { resolve: (ref: ContentRef | null) => void; reject: (error: Error) => void };

export class DraftHandover {
  readonly #port: Pick<MessagePort, 'postMessage'>;
  readonly #callers = new ReleasingMap<number, Caller>();
  #next = 0;

  constructor(port: Pick<MessagePort, 'postMessage'>) {
    this.#port = port;
  }

  draft(): ContentDraft {
    const number = this.#next;
    this.#next += 1;
    return {
      append: async (part) => void (await this.#ask({ kind: 'part', number, part }, [part.buffer as ArrayBuffer])),
      finish: async (facts) => {
        const ref = await this.#ask({ kind: 'finish', number, facts });
        if (ref === null) throw new Error('the content has no place');
        return ref;
      },
      discard: () => this.#port.postMessage({ kind: 'discard', number } satisfies DraftMessage),
    };
  }

  settle({ number, code, ref }: Extract<ToListener, { kind: 'drafted' }>): void {
    const caller = this.#callers.get(number);
    this.#callers.delete(number);
    if (code === 'accepted') caller?.resolve(ref);
    else caller?.reject(failureOf(code));
  }

  #ask(message: DraftMessage, moved: ArrayBuffer[] = []): Promise<ContentRef | null> {
    return new Promise((resolve, reject) => {
      this.#callers.set(message.number, { resolve, reject });
      this.#port.postMessage(message, moved);
    });
  }
}
