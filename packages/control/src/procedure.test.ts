// That a procedure without declared access does not compile: each `@ts-expect-error` below is an error of its own as soon as what follows
// it compiles. Running shows that one which went around the types is refused all the same.
import { expect, test } from 'vitest';
import * as can from './access-kinds.ts';
import { proceduresOf } from './callable.ts';
import { guarded, router } from './procedure.ts';

const { verb: _verb, ...withoutVerb } = can.read;
const { stepUp: _stepUp, ...withoutStepUp } = can.writeAll;

export function declarations() {
  // @ts-expect-error: no declaration at all
  guarded();
  // @ts-expect-error: a declaration that says nothing
  guarded({});
  // @ts-expect-error: no verb
  guarded(withoutVerb);
  // @ts-expect-error: not said whether it asks again who one is
  guarded(withoutStepUp);
  // @ts-expect-error: a role that there is not
  guarded({ ...can.read, role: 'intern' });
  // @ts-expect-error: public is said twice, or not at all
  guarded({ ...can.read, role: 'public' });
  return guarded(can.read);
}

test('a procedure that was made around the builder is an error when the declarations are read', () => {
  const made = router({ bare: guarded(can.read).query(() => null) });
  Reflect.deleteProperty(made._def.procedures.bare._def, 'meta');
  expect(() => proceduresOf(made)).toThrow('bare declares no access');
});
