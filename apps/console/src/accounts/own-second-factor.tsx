'use client';
// One's own second factor: whether there is one, how many ways are left without the app, and what can be done about it.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
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

export function OwnSecondFactor() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const status = useQuery(trpc.secondFactor.status.queryOptions());
  // While it is set up, the status may change under it; the recovery codes have to stay until they are kept.
  const [settingUp, setSettingUp] = useState<boolean | null>(null);
  return (
    <Loaded query={status} rows={2}>
      {({ enrolledAt, codesLeft, dueAt }) => {
        const enrolling = settingUp ?? enrolledAt === null;
        if (settingUp === null && enrolling) setSettingUp(true);
        return (
          <Card
            title="Second factor"
            actions={
              !enrolling && (
                <>
                  <NewCodes />
                  <Remove />
                </>
              )
            }
          >
            {enrolling || enrolledAt === null ? (
              <div className="space-y-3">
                <p className="text-sm text-muted">
                  {dueAt === null
                    ? 'Your role does not need one. With it, a stolen password alone opens nothing.'
                    : `Your role needs one by ${stampUtc(dueAt)}.`}
                </p>
                <Enrolment
                  onDone={() => {
                    setSettingUp(null);
                    void queries.invalidateQueries();
                  }}
                />
              </div>
            ) : (
              <Present enrolledAt={enrolledAt} codesLeft={codesLeft} />
            )}
          </Card>
        );
      }}
    </Loaded>
  );
}
