// An action that a rule began; see contract/automation-action.
import type { StoredAction } from '@sluice/contract';

export type Action = StoredAction;

/** One action of a rule at one thing. */
export const placeKey = (ruleId: string, key: string): string => `${ruleId}\0${key}`;
