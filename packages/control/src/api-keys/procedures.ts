// The procedures about keys of the API. `procedures`: those of the whole router, for what may be put into a key.
import * as api from '@sluice/contract/api';
import { engineerRead, write, writeSecret } from '../access-kinds.ts';
import type { ProcedureAccess } from '../callable.ts';
import { guarded, router } from '../procedure.ts';
import { grantable } from './grantable.ts';
import { listKeys } from './key-list.ts';
import { createKey, revokeKey, rotateKey } from './keys.ts';

export const keyProcedures = (procedures: () => readonly ProcedureAccess[]) =>
  router({
    list: guarded(engineerRead)
      .input(api.keysList.input)
      .output(api.keysList.output)
      .query(({ ctx, input }) => listKeys(ctx.scope, input)),
    grantable: guarded(engineerRead)
      .input(api.nothing)
      .output(api.keysGrantable.output)
      .query(({ ctx }) => ({
        resources: grantable(procedures(), ctx.scope.actor),
        personalData: ctx.scope.actor.personalData,
      })),
    create: guarded(writeSecret)
      .input(api.keysCreate.input)
      .output(api.keysCreate.output)
      .mutation(({ ctx, input }) => createKey(ctx.scope, input, procedures())),
    rotate: guarded(writeSecret)
      .input(api.keysRotate.input)
      .output(api.keysRotate.output)
      .mutation(({ ctx, input }) => rotateKey(ctx.scope, input)),
    revoke: guarded(write)
      .input(api.keysRevoke.input)
      .output(api.keysRevoke.output)
      .mutation(({ ctx, input }) => revokeKey(ctx.scope, input)),
  });
