// The procedures about what flows now: figures, events, nodes and their stream.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { nodeKeyProcedures } from '../keys/procedures.ts';
import { guarded, guardedStream, router } from '../procedure.ts';
import { listNodes, liveTicks } from './nodes.ts';
import { newestEvents, outcomes } from './overview.ts';
import { listTlsReports } from './tls-reports.ts';

export const mailProcedures = {
  overview: router({
    outcomes: guarded(can.own)
      .input(api.overviewOutcomes.input)
      .output(api.overviewOutcomes.output)
      .query(({ ctx, input }) => outcomes(ctx.scope, input)),
    lastEvents: guarded(can.own)
      .input(api.overviewLastEvents.input)
      .output(api.overviewLastEvents.output)
      .query(({ ctx, input }) => newestEvents(ctx.scope, input)),
  }),
  nodes: router({
    ...nodeKeyProcedures,
    list: guarded(can.read)
      .input(api.nothing)
      .output(api.nodesList.output)
      .query(({ ctx }) => listNodes(ctx.scope)),
    tlsReports: guarded(can.readAll)
      .input(api.nothing)
      .output(api.nodesTlsReports.output)
      .query(({ ctx }) => listTlsReports(ctx.scope)),
  }),
  live: router({
    stream: guardedStream(can.read).subscription(({ ctx, signal }) => liveTicks(ctx, signal)),
  }),
};
