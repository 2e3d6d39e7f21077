// The procedures of accounts: one's own, and those of others. Part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { confirmSession } from './confirm.ts';
import { acceptInvitation, invite, listInvitations, revokeInvitation } from './invitations.ts';
import { accountPolicy, resetSecondFactor, setAccountPolicy, setDisabled, setRole } from './manage.ts';
import { changeOwnPassword, listOwnSessions, listSessions, revokeOtherSessions, revokeOwnSession, revokeSession } from './own-sessions.ts';
import { beginSecondFactor, enableSecondFactor, removeSecondFactor, renewRecoveryCodes, secondFactorStatus } from './second-factor.ts';

export const ownSessionProcedures = {
  confirm: guarded(can.ownWrite)
    .input(api.sessionConfirm.input)
    .output(api.sessionConfirm.output)
    .mutation(({ ctx, input }) => confirmSession(ctx.scope, input)),
  list: guarded(can.ownRead)
    .input(api.nothing)
    .output(api.sessionList.output)
    .query(({ ctx }) => listOwnSessions(ctx.scope)),
  revoke: guarded(can.ownWrite)
    .input(api.sessionRevoke.input)
    .output(api.sessionRevoke.output)
    .mutation(({ ctx, input }) => revokeOwnSession(ctx.scope, input)),
  revokeOthers: guarded(can.ownWrite)
    .input(api.nothing)
    .output(api.sessionRevokeOthers.output)
    .mutation(({ ctx }) => revokeOtherSessions(ctx.scope)),
  changePassword: guarded(can.ownWrite)
    .input(api.sessionChangePassword.input)
    .output(api.sessionChangePassword.output)
    .mutation(({ ctx, input }) => changeOwnPassword(ctx.scope, input)),
};

export const otherUserProcedures = {
  setRole: guarded(can.adminWriteAll)
    .input(api.usersSetRole.input)
    .output(api.usersSetRole.output)
    .mutation(({ ctx, input }) => setRole(ctx.scope, input)),
  setDisabled: guarded(can.adminWriteAll)
    .input(api.usersSetDisabled.input)
    .output(api.usersSetDisabled.output)
    .mutation(({ ctx, input }) => setDisabled(ctx.scope, input)),
  resetSecondFactor: guarded(can.adminWriteAll)
    .input(api.usersResetSecondFactor.input)
    .output(api.usersResetSecondFactor.output)
    .mutation(({ ctx, input }) => resetSecondFactor(ctx.scope, input)),
  sessions: guarded(can.adminReadAll)
    .input(api.usersSessions.input)
    .output(api.usersSessions.output)
    .query(({ ctx, input }) => listSessions(ctx.scope, input)),
  revokeSession: guarded(can.adminWriteAll)
    .input(api.usersRevokeSession.input)
    .output(api.usersRevokeSession.output)
    .mutation(({ ctx, input }) => revokeSession(ctx.scope, input)),
  policy: guarded(can.adminReadAll)
    .input(api.nothing)
    .output(api.usersPolicy.output)
    .query(({ ctx }) => accountPolicy(ctx.scope)),
  setPolicy: guarded(can.ownerWriteAll)
    .input(api.usersSetPolicy.input)
    .output(api.usersSetPolicy.output)
    .mutation(({ ctx, input }) => setAccountPolicy(ctx.scope, input)),
};

export const accountProcedures = {
  secondFactor: router({
    status: guarded(can.ownRead)
      .input(api.nothing)
      .output(api.secondFactorStatus.output)
      .query(({ ctx }) => secondFactorStatus(ctx.scope)),
    begin: guarded(can.ownWriteConfirmed)
      .input(api.nothing)
      .output(api.secondFactorBegin.output)
      .mutation(({ ctx }) => beginSecondFactor(ctx.scope)),
    enable: guarded(can.ownWrite)
      .input(api.secondFactorEnable.input)
      .output(api.secondFactorEnable.output)
      .mutation(({ ctx, input }) => enableSecondFactor(ctx.scope, input)),
    remove: guarded(can.ownWriteConfirmed)
      .input(api.secondFactorRemove.input)
      .output(api.secondFactorRemove.output)
      .mutation(({ ctx, input }) => removeSecondFactor(ctx.scope, input)),
    renewCodes: guarded(can.ownWriteConfirmed)
      .input(api.nothing)
      .output(api.secondFactorRenewCodes.output)
      .mutation(({ ctx }) => renewRecoveryCodes(ctx.scope)),
  }),
  invitations: router({
    list: guarded(can.adminReadAll)
      .input(api.nothing)
      .output(api.invitationsList.output)
      .query(({ ctx }) => listInvitations(ctx.scope)),
    create: guarded(can.adminWriteAll)
      .input(api.invitationsCreate.input)
      .output(api.invitationsCreate.output)
      .mutation(({ ctx, input }) => invite(ctx.scope, input)),
    revoke: guarded(can.adminWriteAll)
      .input(api.invitationsRevoke.input)
      .output(api.invitationsRevoke.output)
      .mutation(({ ctx, input }) => revokeInvitation(ctx.scope, input)),
    accept: guarded(can.anyoneOnce)
      .input(api.invitationsAccept.input)
      .output(api.invitationsAccept.output)
      .mutation(({ ctx, input }) => acceptInvitation(ctx.scope, input)),
  }),
};
