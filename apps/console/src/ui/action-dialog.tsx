'use client';
// The one shape of every change: a button opens it, it says what the change touches, asks for what it needs and for the reason, runs it
// once, and stays open to show the result with the revision that was made. Nothing is changed by opening it.
import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { codeOf } from '@/trpc/client.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ReasonField } from './field.tsx';

/** `form` holds every named field as text. The answer is what happened, in a sentence; more can follow below it. */
export type Run = (form: FormData, reason: string) => Promise<{ done: string; more?: ReactNode }>;

type ActionDialogProps = {
  trigger: ReactNode;
  triggerLabel?: string;
  triggerLook?: 'primary' | 'plain' | 'quiet';
  title: string;
  /** What it touches, in a sentence. */
  touches: string;
  confirm: string;
  run: Run;
  children?: ReactNode;
  askReason?: boolean;
  /** It stops mail or takes something away. */
  danger?: boolean;
  /** False: there is no button; a dialog that is open stays until it is closed, for its result is still being read. */
  offered?: boolean;
};

/** A value that the page itself refuses, before anything is sent. */
export class Refused extends Error {}

function problemOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  const code = codeOf(error);
  if (code === null) return 'The console did not answer. Nothing is known about the outcome; look at Audit before trying again.';
  if (code === 'INTERNAL_SERVER_ERROR') return 'The console could not do this. Its log has the reason.';
  const message = error instanceof Error ? error.message : '';
  return readableIssues(message) ?? (message || 'The console refused this.');
}

/** A refused input comes as a list of issues in JSON. */
function readableIssues(message: string): string | null {
  if (!message.startsWith('[')) return null;
  try {
    const issues: unknown = JSON.parse(message);
    if (!Array.isArray(issues)) return null;
    return issues
      .map((issue: { path?: unknown[]; message?: string }) => `${(issue.path ?? []).join('.') || 'input'}: ${issue.message ?? 'not valid'}`)
      .join('; ');
  } catch {
    return null;
  }
}

type Result = { ok: true; done: string; more?: ReactNode } | { ok: false; problem: string };

function ActionForm({
  confirm,
  danger,
  run,
  askReason,
  children,
  onClose,
}: Pick<ActionDialogProps, 'confirm' | 'run' | 'askReason' | 'children'> & { danger: boolean; onClose: () => void }) {
  const [running, setRunning] = useState(false);
  const [result, setResult] = useState<Result | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const reason = form.get('reason');
    setRunning(true);
    try {
      setResult({ ok: true, ...(await run(form, typeof reason === 'string' ? reason.trim() : '')) });
    } catch (error) {
      setResult({ ok: false, problem: problemOf(error) });
    } finally {
      setRunning(false);
    }
  };
  if (result?.ok) {
    return (
      <div className="space-y-4">
        <p role="status" className="flex items-start gap-2 rounded-md bg-good-soft p-3 text-sm text-good-text">
          <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0" />
          {result.done}
        </p>
        {result.more}
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose} autoFocus>
            Close
          </Button>
        </div>
      </div>
    );
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="space-y-4">
      {children}
      {askReason !== false && <ReasonField />}
      {result && (
        <p role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft p-3 text-sm text-bad-text">
          <CircleX aria-hidden className="mt-0.5 size-4 shrink-0" />
          {result.problem}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look={danger ? 'danger' : 'primary'} disabled={running}>
          {running ? 'Working…' : confirm}
        </Button>
      </div>
    </form>
  );
}

export function ActionDialog(props: ActionDialogProps) {
  const { trigger, triggerLabel, triggerLook = 'plain', title, touches } = props;
  const [open, setOpen] = useState(false);
  const queries = useQueryClient();
  // What the change did to the page shows when the dialog closes: the row that holds the dialog may be gone then.
  const onOpenChange = (next: boolean): void => {
    setOpen(next);
    if (!next) void queries.invalidateQueries();
  };
  if (props.offered === false && !open) return null;
  const button = (
    <Button look={triggerLook} aria-label={triggerLabel}>
      {trigger}
    </Button>
  );
  return (
    <Dialog open={open} onOpenChange={onOpenChange} trigger={button} title={title} description={touches}>
      <ActionForm
        confirm={props.confirm}
        danger={props.danger ?? false}
        run={props.run}
        askReason={props.askReason}
        onClose={() => onOpenChange(false)}
      >
        {props.children}
      </ActionForm>
    </Dialog>
  );
}

/** Text of a named field. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
export const numberOf = (form: FormData, name: string): number => Number(textOf(form, name));
