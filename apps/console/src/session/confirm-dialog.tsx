'use client';
// Asks whoever sits here to show again who they are, when a call needs it: with a code where the account has a second factor, with the
// password where it has none. What was asked for goes on by itself afterwards.
import { useEffect, useState, type FormEvent } from 'react';
import { codeOf, useTRPCClient } from '@/trpc/client.ts';
import { answerWith } from '@/trpc/confirm-link.ts';
import { Button } from '@/ui/button.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { TextField } from '@/ui/field.tsx';
import { Problem } from './door.tsx';
import { useMe } from './me.tsx';

function problemOf(error: unknown, coded: boolean): string {
  const code = codeOf(error);
  if (code === null) return 'The console did not answer. Try again.';
  if (code === 'TOO_MANY_REQUESTS' && error instanceof Error) return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
  if (code !== 'FORBIDDEN') return 'The console could not check this. Its log has the reason.';
  return coded ? 'This code is wrong, or was used before. Wait for the next one.' : 'That is not your password.';
}

function ConfirmForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const client = useTRPCClient();
  const coded = useMe().secondFactor.enrolledAt !== null;
  const [problem, setProblem] = useState<string | null>(null);
  const [running, setRunning] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const secret = new FormData(event.currentTarget).get('secret');
    setRunning(true);
    setProblem(null);
    try {
      await client.session.confirm.mutate({ secret: typeof secret === 'string' ? secret : '' });
      onDone();
    } catch (error) {
      setProblem(problemOf(error, coded));
      setRunning(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="space-y-4">
      {coded ? (
        <TextField
          label="Code"
          hint="Six digits from your authenticator app, or a recovery code."
          name="secret"
          autoComplete="one-time-code"
          required
          autoFocus
        />
      ) : (
        <TextField label="Your password" name="secret" type="password" autoComplete="current-password" required autoFocus />
      )}
      {problem && <Problem>{problem}</Problem>}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" disabled={running}>
          {running ? 'Checking…' : 'It is me'}
        </Button>
      </div>
    </form>
  );
}

export function ConfirmDialog() {
  const [answer, setAnswer] = useState<((confirmed: boolean) => void) | null>(null);
  useEffect(
    () =>
      answerWith(
        () =>
          new Promise((resolve) => {
            setAnswer(() => resolve);
          }),
      ),
    [],
  );
  const end = (confirmed: boolean): void => {
    answer?.(confirmed);
    setAnswer(null);
  };
  return (
    <Dialog
      open={answer !== null}
      onOpenChange={(open) => {
        if (!open) end(false);
      }}
      title="Confirm that it is you"
      description="This is asked before accounts, keys and mail for good are touched, when ten minutes have passed since you last showed it."
    >
      <ConfirmForm onDone={() => end(true)} onCancel={() => end(false)} />
    </Dialog>
  );
}
