// The actions that go on, by what is asked of them: the rule at a place, an id, a command, a source's warm-up. Bounded.
import { placeKey, type Action } from './action.ts';

/** On one node; past it no action begins. */
export const maxActions = 1_000;

const warmUpKey = (source: string, provider: string): string => `${source}\0${provider}`;

export class ActionList {
  readonly #byId = new Map<string, Action>();
  readonly #byPlace = new Map<string, string>();
  readonly #warmUps = new Map<string, Set<string>>();

  get byId(): ReadonlyMap<string, Action> {
    return this.#byId;
  }

  get full(): boolean {
    return this.#byId.size >= maxActions;
  }

  at(ruleId: string, key: string): Action | undefined {
    return this.#byId.get(this.#byPlace.get(placeKey(ruleId, key)) ?? '');
  }

  get(actionId: string): Action | undefined {
    return this.#byId.get(actionId);
  }

  /** Takes the place of what it was. */
  put(action: Action): void {
    this.#byId.set(action.id, action);
    this.#byPlace.set(placeKey(action.ruleId, action.key), action.id);
    const { source, provider } = action.subject;
    if (action.kind !== 'hold_warm_up' || action.dry || source === undefined || provider === undefined) return;
    const key = warmUpKey(source, provider);
    const holding = this.#warmUps.get(key) ?? new Set();
    this.#warmUps.set(key, holding.add(action.id));
  }

  remove(action: Action): void {
    this.#byId.delete(action.id);
    this.#byPlace.delete(placeKey(action.ruleId, action.key));
    const key = warmUpKey(action.subject.source ?? '', action.subject.provider ?? '');
    const holding = this.#warmUps.get(key);
    if (holding?.delete(action.id) && holding.size === 0) this.#warmUps.delete(key);
  }

  /** The action that holds the warm-up of the source at the provider the longest. */
  warmUpHold(source: string, provider: string): Action | null {
    let longest: Action | null = null;
    for (const actionId of this.#warmUps.get(warmUpKey(source, provider)) ?? []) {
      const action = this.#byId.get(actionId);
      if (action && (!longest || action.endsMs > longest.endsMs)) longest = action;
    }
    return longest;
  }

  ofCommand(commandId: string): Action | null {
    for (const action of this.#byId.values()) if (action.commandId === commandId) return action;
    return null;
  }
}
