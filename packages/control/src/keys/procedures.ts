// The procedures about keys: those of nodes go into the router of nodes, the others are their own.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { enrolNode, listNodeKeys, removeNode } from './node-keys.ts';
import { rotateFleetKey, secretsStatus } from './secrets.ts';

export const nodeKeyProcedures = {
  keys: guarded(can.readAll)
    .input(api.nothing)
    .output(api.nodesKeys.output)
    .query(({ ctx }) => listNodeKeys(ctx.scope)),
  enroll: guarded(can.ownerWriteAll)
    .input(api.nodesEnroll.input)
    .output(api.nodesEnroll.output)
    .mutation(({ ctx, input }) => enrolNode(ctx.scope, input)),
  remove: guarded(can.ownerWriteAll)
    .input(api.nodesRemove.input)
    .output(api.nodesRemove.output)
    .mutation(({ ctx, input }) => removeNode(ctx.scope, input)),
};

export const secretProcedures = router({
  status: guarded(can.readAll)
    .input(api.nothing)
    .output(api.secretsStatus.output)
    .query(({ ctx }) => secretsStatus(ctx.scope)),
  rotateFleetKey: guarded(can.ownerWriteAll)
    .input(api.secretsRotateFleetKey.input)
    .output(api.secretsRotateFleetKey.output)
    .mutation(({ ctx, input }) => rotateFleetKey(ctx.scope, input)),
});
