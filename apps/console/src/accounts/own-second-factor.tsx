'use client';
// One's own second factor: whether there is one, how many ways are left without the app, and what can be done about it.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import type { secondFactorStatus } from '@sluice/contract/api';
import { stampUtc } from '@/format/time.ts';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { Status } from '@/ui/status.tsx';
import { Enrolment } from './enrolment.tsx';

const fewCodes = 3;

function NewCodes() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New recovery codes"
      title="New recovery codes"
      touches="Makes ten new codes. Those you have now work no more."
      confirm="Make new codes"
      askReason={false}
      run={async () => {
        const { recoveryCodes } = await client.secondFactor.renewCodes.mutate();
        return {
          done: 'This is the only time they are shown:',
          more: <CopyValue label="Recovery codes" value={recoveryCodes.join('\n')} />,
        };
      }}
    />
  );
}

function Remove() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Remove"
      triggerLabel="Remove the second factor"
      title="Remove the second factor"
      touches="Signing in needs only the password then. If your role needs a second factor and its time is over, you have to set up another one at once."
      confirm="Remove it"
      danger
      run={async (_form, reason) => {
        await client.secondFactor.remove.mutate({ reason });
        return { done: 'The second factor is removed.' };
      }}
    />
  );
}

function Present({ enrolledAt, codesLeft }: { enrolledAt: string; codesLeft: number }) {
  return (
    <div className="space-y-3 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <Status tone="good">On</Status> since {stampUtc(enrolledAt)}. A code of your authenticator app is asked for when you sign in.
      </p>
      <p className="flex flex-wrap items-center gap-2">
        <Status tone={codesLeft > fewCodes ? 'good' : 'warn'}>{`${codesLeft} recovery codes left`}</Status>
        {codesLeft <= fewCodes && 'Make new ones before they run out.'}
      </p>
    </div>
  );
}

type SecondFactor = z.infer<typeof secondFactorStatus.output>;

function SecondFactorCard({ enrolledAt, dueAt, codesLeft }: SecondFactor) {
  const queries = useQueryClient();
  // While it is set up, the status changes under it; the recovery codes have to stay until they are kept.
  const [settingUp, setSettingUp] = useState(false);
  const done = (): void => {
    setSettingUp(false);
    void queries.invalidateQueries();
  };
  if (enrolledAt !== null && !settingUp)
    return (
      <Card
        title="Second factor"
        actions={
          <>
            <NewCodes />
            <Remove />
          </>
        }
      >
        <Present enrolledAt={enrolledAt} codesLeft={codesLeft} />
      </Card>
    );
  return (
    <Card title="Second factor">
      <div className="space-y-3">
        <p className="text-sm text-muted">
          {dueAt === null
            ? 'Your role does not need one. With it, a stolen password alone opens nothing.'
            : `Your role needs one by ${stampUtc(dueAt)}.`}
        </p>
        <Enrolment onBegin={() => setSettingUp(true)} onDone={done} />
      </div>
    </Card>
  );
}

export function OwnSecondFactor() {
  const trpc = useTRPC();
  const status = useQuery(trpc.secondFactor.status.queryOptions());
  return (
    <Loaded query={status} rows={2}>
      {(data) => <SecondFactorCard {...data} />}
    </Loaded>
  );
}
