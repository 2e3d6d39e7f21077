'use client';
// Accepts an invitation: name and password are its holder's to choose, address and role came with it. Then signs in.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { codeOf, useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { TextField } from '@/ui/field.tsx';
import { textOf } from '@/ui/action-dialog.tsx';
import { signIn } from './auth-calls.ts';
import { Door, Problem } from './door.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';

const over = 'This invitation is used, expired, revoked or not whole. Ask whoever invited you for a new one.';

function problemOf(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'The console did not answer. Check that it is running, then try again.';
  if (code === 'INTERNAL_SERVER_ERROR') return 'The console could not do this. Its log has the reason.';
  if (code === 'BAD_REQUEST' && error instanceof Error) return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
  if (code === 'CONFLICT') return 'There is an account with this address already. Sign in with it.';
  return over;
}

/** Null until the page runs in a browser. The fragment is taken out of the address, so that it is in no history. */
function useToken(): string | null {
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => {
    const given = window.location.hash.slice(1);
    if (given !== '') window.history.replaceState(null, '', window.location.pathname);
    setToken((known) => (known === null || given !== '' ? given : known));
  }, []);
  return token;
}

export function InvitationForm() {
  const token = useToken();
  const trpc = useTRPC();
  const accept = useMutation(trpc.invitations.accept.mutationOptions());
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [password, again] = [form.get('password'), form.get('again')];
    if (typeof password !== 'string' || password !== again) return setProblem('The two passwords differ.');
    try {
      const { email } = await accept.mutateAsync({ token: token ?? '', name: textOf(form, 'name'), password });
      const result = await signIn(email, password);
      window.location.assign(result.ok ? '/' : '/sign-in');
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  if (token === null) return null;
  return (
    <Door title="Welcome to Sluice">
      {token === '' ? (
        <Problem>{over}</Problem>
      ) : (
        <form method="post" onSubmit={(event) => void submit(event)} className="space-y-4">
          <p className="text-sm text-muted">
            You have been invited. Choose your name and a password; the address is the one you were invited with.
          </p>
          <TextField label="Name" name="name" autoComplete="name" required maxLength={80} autoFocus />
          <NewPasswordFields label="Password" name="password" />
          {problem && <Problem>{problem}</Problem>}
          <Button type="submit" look="primary" className="w-full" disabled={accept.isPending}>
            {accept.isPending ? 'Making the account…' : 'Make the account and sign in'}
          </Button>
        </form>
      )}
    </Door>
  );
}
