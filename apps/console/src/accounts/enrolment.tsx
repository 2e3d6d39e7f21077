'use client';
// Setting up an authenticator app: the key as a picture and as text, the first code as proof that the app has it, and the recovery codes,
// which are shown until whoever sees them says they are kept.
import { useState, type FormEvent } from 'react';
import { codeOf, useTRPCClient } from '@/trpc/client.ts';
import { reasonOf } from '@/trpc/confirm-link.ts';
import { Problem } from '@/session/door.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { TextField } from '@/ui/field.tsx';
import { QrCode } from './qr-code.tsx';

type Key = { key: string; uri: string };

function problemOf(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'The console did not answer. Try again.';
  if (code === 'INTERNAL_SERVER_ERROR') return 'The console could not do this. Its log has the reason.';
  if (reasonOf(error) === 'confirm') return 'Nothing was changed: it was not confirmed that it is you.';
  return error instanceof Error ? `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.` : 'The console refused this.';
}

/** Groups of four, as one types them. */
const grouped = (key: string): string => (key.match(/.{1,4}/g) ?? []).join(' ');

function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  return (
    <div className="space-y-4">
      <p role="status" className="rounded-md bg-good-soft p-3 text-sm text-good-text">
        From now on a code is asked for when you sign in. These are your recovery codes, for the day you lose the app. Each works once. They
        are shown only now: keep them where the app is not.
      </p>
      <CopyValue label="Recovery codes" value={codes.join('\n')} />
      <div className="flex justify-end">
        <Button look="primary" onClick={onKept}>
          I have kept them
        </Button>
      </div>
    </div>
  );
}

function FirstCode({ made, onCodes }: { made: Key; onCodes: (codes: string[]) => void }) {
  const client = useTRPCClient();
  const [problem, setProblem] = useState<string | null>(null);
  const [running, setRunning] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get('code');
    setRunning(true);
    setProblem(null);
    try {
      onCodes(
        (await client.secondFactor.enable.mutate({ code: typeof code === 'string' ? code.replaceAll(/\s/g, '') : '' })).recoveryCodes,
      );
    } catch (error) {
      setProblem(problemOf(error));
      setRunning(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="space-y-4">
      <ol className="list-decimal space-y-3 pl-5 text-sm">
        <li>
          Scan this with an authenticator app on your phone.
          <div className="mt-2">
            <QrCode text={made.uri} label="QR code of the key" />
          </div>
        </li>
        <li>
          No camera? Type the key into the app instead.
          <div className="mt-2">
            <CopyValue label="Key" value={grouped(made.key)} />
          </div>
        </li>
        <li>
          Type the code that the app shows now.
          <div className="mt-2">
            <TextField
              label="Code"
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              pattern="[0-9 ]{6,7}"
              className="max-w-40"
            />
          </div>
        </li>
      </ol>
      {problem && <Problem>{problem}</Problem>}
      <Button type="submit" look="primary" disabled={running}>
        {running ? 'Checking…' : 'Switch it on'}
      </Button>
    </form>
  );
}

/** `onBegin` comes when the key is shown, `onDone` once the recovery codes are kept. */
export function Enrolment({ onBegin, onDone }: { onBegin?: () => void; onDone: () => void }) {
  const client = useTRPCClient();
  const [made, setMade] = useState<Key | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const begin = async (): Promise<void> => {
    setProblem(null);
    try {
      setMade(await client.secondFactor.begin.mutate());
      onBegin?.();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  if (codes !== null) return <RecoveryCodes codes={codes} onKept={onDone} />;
  if (made !== null) return <FirstCode made={made} onCodes={setCodes} />;
  return (
    <div className="space-y-3">
      {problem && <Problem>{problem}</Problem>}
      <Button look="primary" onClick={() => void begin()}>
        Set up an authenticator app
      </Button>
    </div>
  );
}
