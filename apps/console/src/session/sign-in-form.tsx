'use client';
// E-mail address and password. Works with password managers; says the same for every wrong pair.
import { useState, type FormEvent } from 'react';
import { Button } from '@/ui/button.tsx';
import { TextField } from '@/ui/field.tsx';
import { textOf } from '@/ui/action-dialog.tsx';
import { signIn } from './auth-calls.ts';
import { Door, Problem } from './door.tsx';

export function SignInForm({ next }: { next: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [running, setRunning] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = form.get('password');
    setRunning(true);
    setProblem(null);
    const result = await signIn(textOf(form, 'email'), typeof password === 'string' ? password : '');
    // A whole page load: nothing of a former session stays in memory.
    if (result.ok) return window.location.assign(next);
    setProblem(result.problem);
    setRunning(false);
  };
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
