// How seeds reach the use cases: each step in a transaction of its own, as the system actor.
import type { Scope } from '../scope.ts';

export type AsSystem = <T>(work: (scope: Scope) => Promise<T>) => Promise<T>;
