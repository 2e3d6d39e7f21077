// Contents that the listener's thread hands over in parts, on the engine's side: each part goes on to the spool as it is, the answer goes
// back. Drafts of a thread that ends are of no use to anyone.
import type { ContentRef } from '../entry.ts';
import { SpoolError, type ContentDraft } from '../ports.ts';
import type { DraftMessage, ToListener } from './listener-messages.ts';

export class ListenerDrafts {
  readonly #draft: () => ContentDraft;
  readonly #onProblem: (message: string) => void;
  readonly #open = new Map<number, { draft: ContentDraft; ref: ContentRef | null }>();

  constructor(draft: () => ContentDraft, onProblem: (message: string) => void) {
    this.#draft = draft;
    this.#onProblem = onProblem;
  }

  take(message: DraftMessage, answer: (message: ToListener) => void): void {
    const { number } = message;
    if (message.kind === 'discard') return this.#discard(number);
    const open = this.#open.get(number) ?? { draft: this.#draft(), ref: null };
    this.#open.set(number, open);
    const done = message.kind === 'part' ? open.draft.append(message.part).then(() => null) : open.draft.finish(message.facts);
    done.then(
      (ref) => {
        open.ref = ref;
        answer({ kind: 'drafted', number, code: 'accepted', ref });
      },
      (error: unknown) => {
        this.#open.delete(number);
        if (!(error instanceof SpoolError)) this.#onProblem(error instanceof Error ? error.message : String(error));
        answer({ kind: 'drafted', number, code: error instanceof SpoolError ? error.code : 'failed', ref: null });
      },
    );
  }

  /** An injection with this content is over: accepted, or refused and of no use. */
  settled(ref: ContentRef, accepted: boolean): void {
    for (const [number, open] of this.#open) {
      if (open.ref?.segment !== ref.segment || open.ref.offset !== ref.offset) continue;
      if (accepted) this.#open.delete(number);
      else this.#discard(number);
    }
  }

  end(): void {
    for (const number of [...this.#open.keys()]) this.#discard(number);
  }

  #discard(number: number): void {
    this.#open.get(number)?.draft.discard();
    this.#open.delete(number);
  }
}
