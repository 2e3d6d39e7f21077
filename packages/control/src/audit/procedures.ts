// The procedures of the audit record; part of the router. None of them changes anything.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { listAudit } from '../config/history.ts';
import { guarded, router } from '../procedure.ts';
import { chainOf, exportAudit, searchAudit } from './record.ts';
import { stateOfAudit } from './watch.ts';

export const auditProcedures = router({
  list: guarded(can.read)
    .input(api.auditList.input)
    .output(api.auditList.output)
    .query(({ ctx, input }) => listAudit(ctx.scope, input)),
  search: guarded(can.read)
    .input(api.auditSearch.input)
    .output(api.auditSearch.output)
    .query(({ ctx, input }) => searchAudit(ctx.scope, input)),
  export: guarded(can.adminReadAll)
    .input(api.auditExport.input)
    .output(api.auditExport.output)
    .query(({ ctx, input }) => exportAudit(ctx.scope, input)),
  chain: guarded(can.readAll)
    .input(api.auditChain.input)
    .output(api.auditChain.output)
    .query(({ ctx, input }) => chainOf(ctx.scope, input)),
  state: guarded(can.readAll)
    .input(api.nothing)
    .output(api.auditState.output)
    .query(({ ctx }) => stateOfAudit(ctx.scope)),
});
