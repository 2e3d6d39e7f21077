// Actions on the node's disk: each change is appended, so that after a crash all go on as they were, with the same ends and steps.
import { storedAction, storedEnd, storedMute } from '@sluice/contract';
import { batchFile, type BatchFile } from '../config/batch-file.ts';
import type { RecordFile } from '../config/record-file.ts';
import type { EngineLog } from '../ports.ts';
import type { Action } from './action.ts';

export type Kept = { actions: ReadonlyMap<string, Action>; mutes: ReadonlyMap<string, number> };

export class ActionFile {
  readonly #file: BatchFile | null;
  readonly #log: EngineLog;
  readonly #live: () => Kept;
  readonly #changed = new Set<string>();
  readonly #muted = new Set<string>();
  #writing: Promise<void> | null = null;

  /** `live`: all that goes on now, for when the file is written anew. */
  constructor(file: RecordFile | null, log: EngineLog, live: () => Kept) {
    this.#file = file && batchFile(file);
    this.#log = log;
    this.#live = live;
  }

  async load(): Promise<{ actions: Action[]; mutes: Map<string, number> }> {
    const actions = new Map<string, Action>();
    const mutes = new Map<string, number>();
    const whole = await (this.#file?.load((records) => {
      for (const record of records) {
        const [action, end, mute] = [storedAction.safeParse(record), storedEnd.safeParse(record), storedMute.safeParse(record)];
        if (action.success) actions.set(action.data.id, action.data);
        else if (end.success) actions.delete(end.data.ended);
        else if (mute.success) mutes.set(mute.data.mute, mute.data.untilMs);
      }
    }) ?? Promise.resolve(true));
    if (!whole) this.#log.warn('the file of actions cannot be read to its end; what was read goes on', { actions: actions.size });
    return { actions: [...actions.values()], mutes };
  }

  /** The action begins, changed or is over. On disk a moment later. */
  changed(actionId: string): void {
    this.#changed.add(actionId);
    void this.flush();
  }

  muted(place: string): void {
    this.#muted.add(place);
    void this.flush();
  }

  /** Resolves when all changes so far are on disk, or could not be written. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #write(): Promise<void> {
    // Changes of one turn are one batch.
    await Promise.resolve();
    while (this.#file && this.#changed.size + this.#muted.size > 0) {
      const { actions, mutes } = this.#live();
      const records = [
        ...[...this.#changed].map((actionId) => actions.get(actionId) ?? { ended: actionId }),
        ...[...this.#muted].map((mute) => ({ mute, untilMs: mutes.get(mute) ?? 0 })),
      ];
      const taken = [...this.#changed];
      this.#changed.clear();
      this.#muted.clear();
      const live = [...actions.values(), ...[...mutes].map(([mute, untilMs]) => ({ mute, untilMs }))];
      try {
        await this.#file.keep(records, {}, { count: live.length, records: () => live });
      } catch (error) {
        for (const actionId of taken) this.#changed.add(actionId);
        return this.#log.warn('an action could not be kept on disk: a restart would forget it', { error: String(error) });
      }
    }
  }
}
