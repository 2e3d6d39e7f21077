'use client';
// Makes the first Owner and signs in as it. The link works once and expires; the page says how to get another.
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { codeOf, useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { TextField } from '@/ui/field.tsx';
import { textOf } from '@/ui/action-dialog.tsx';
import { signIn } from './auth-calls.ts';
import { Door, Problem } from './door.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';

const expired =
  'This set-up link is used, expired or not whole. On the machine that runs the console, `npm start` prints a new one while there is no Owner.';

function problemOf(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'The console did not answer. Check that it is running, then try again.';
  if (code === 'INTERNAL_SERVER_ERROR') return 'The console could not do this. Its log has the reason.';
  // A password that is too easy to guess; the link is not used up by it.
  if (code === 'BAD_REQUEST' && error instanceof Error) return readable(error.message);
  return expired;
}

const readable = (message: string): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

export function SetupForm({ token }: { token: string }) {
  const trpc = useTRPC();
  const complete = useMutation(trpc.setup.complete.mutationOptions());
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [password, again] = [form.get('password'), form.get('again')];
    if (typeof password !== 'string' || password !== again) return setProblem('The two passwords differ.');
    const email = textOf(form, 'email');
    try {
      await complete.mutateAsync({ token, name: textOf(form, 'name'), email, password });
    } catch (error) {
      return setProblem(problemOf(error));
    }
    const result = await signIn(email, password);
    window.location.assign(result.ok ? '/' : '/sign-in');
  };
  return (
    <Door title="Set up the first Owner">
      {token === '' ? (
        <Problem>{expired}</Problem>
      ) : (
        <form method="post" onSubmit={(event) => void submit(event)} className="space-y-4">
          <TextField label="Name" name="name" autoComplete="name" required maxLength={80} autoFocus />
          <TextField label="E-mail address" name="email" type="email" autoComplete="username" required maxLength={254} />
          <NewPasswordFields label="Password" name="password" />
          {problem && <Problem>{problem}</Problem>}
          <Button type="submit" look="primary" className="w-full" disabled={complete.isPending}>
            {complete.isPending ? 'Setting up…' : 'Make the Owner and sign in'}
          </Button>
        </form>
      )}
    </Door>
  );
}
