'use client';
// E-mail address and password, then the code of an authenticator app where the account has one. Works with password managers; says the
// same for every wrong pair.
import { useState, type FormEvent } from 'react';
import { Button } from '@/ui/button.tsx';
import { TextField } from '@/ui/field.tsx';
import { textOf } from '@/ui/action-dialog.tsx';
import { sendCode, signIn } from './auth-calls.ts';
import { Door, Problem } from './door.tsx';

/** Runs one of the two steps, and keeps what it said. */
function useStep(run: (form: FormData) => Promise<{ ok: true } | { ok: false; problem: string }>) {
  const [problem, setProblem] = useState<string | null>(null);
  const [running, setRunning] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setRunning(true);
    setProblem(null);
    const result = await run(new FormData(event.currentTarget));
    if (result.ok) return;
    setProblem(result.problem);
    setRunning(false);
  };
  return { problem, running, submit };
}

function PasswordStep({ onIn, onCode }: { onIn: () => void; onCode: () => void }) {
  const { problem, running, submit } = useStep(async (form) => {
    const password = form.get('password');
    const result = await signIn(textOf(form, 'email'), typeof password === 'string' ? password : '');
    if (result.ok) (result.secondFactor ? onCode : onIn)();
    return result;
  });
  return (
    <Door title="Sign in">
      <form method="post" onSubmit={(event) => void submit(event)} className="space-y-4">
        <TextField label="E-mail address" name="email" type="email" autoComplete="username" required autoFocus />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        {problem && <Problem>{problem}</Problem>}
        <Button type="submit" look="primary" className="w-full" disabled={running}>
          {running ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
      <p className="mt-4 text-xs text-muted">
        Password lost? On the machine that runs this console:{' '}
        <code className="font-mono">npm run -s sluice -- users reset-password --local</code>
      </p>
    </Door>
  );
}

function CodeStep({ onIn }: { onIn: () => void }) {
  const { problem, running, submit } = useStep(async (form) => {
    const result = await sendCode(textOf(form, 'code'));
    if (result.ok) onIn();
    return result;
  });
  return (
    <Door title="Second factor">
      <form method="post" onSubmit={(event) => void submit(event)} className="space-y-4">
        <TextField
          label="Code"
          hint="Six digits from your authenticator app, or one of your recovery codes."
          name="code"
          inputMode="text"
          autoComplete="one-time-code"
          required
          minLength={6}
          maxLength={40}
          autoFocus
        />
        {problem && <Problem>{problem}</Problem>}
        <Button type="submit" look="primary" className="w-full" disabled={running}>
          {running ? 'Checking…' : 'Go on'}
        </Button>
      </form>
      <p className="mt-4 text-xs text-muted">
        App and recovery codes lost? An Admin can reset the second factor, or on the machine that runs this console:{' '}
        <code className="font-mono">npm run -s sluice -- users reset-2fa --local</code>
      </p>
    </Door>
  );
}

export function SignInForm({ next }: { next: string }) {
  const [coded, setCoded] = useState(false);
  // A whole page load: nothing of a former session stays in memory.
  const go = (): void => window.location.assign(next);
  return coded ? <CodeStep onIn={go} /> : <PasswordStep onIn={go} onCode={() => setCoded(true)} />;
}
