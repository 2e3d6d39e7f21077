'use client';
// Form fields with a visible label, an optional hint, and room for the reason why a value was refused.
import { useId, type ComponentProps, type ReactNode } from 'react';
import { classes } from './classes.ts';

export const inputLook =
  'h-8 w-full min-w-0 rounded-md border border-border-strong bg-surface px-2.5 text-sm text-text placeholder:text-muted disabled:opacity-60';

type Labelled = { label: string; hint?: ReactNode };

export function Field({ label, hint, children }: Labelled & { children: (ids: { id: string; 'aria-describedby'?: string }) => ReactNode }) {
  const id = useId();
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {children(hint ? { id, 'aria-describedby': `${id}-hint` } : { id })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, className, ...rest }: Labelled & ComponentProps<'input'>) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => <input className={classes(inputLook, className)} autoComplete="off" {...rest} {...ids} />}
    </Field>
  );
}

export function SelectField({ label, hint, className, children, ...rest }: Labelled & ComponentProps<'select'>) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select className={classes(inputLook, className)} {...rest} {...ids}>
          {children}
        </select>
      )}
    </Field>
  );
}

export const reasonLength = { min: 3, max: 500 };

/** Why: kept with the revision and in the audit log. */
export function ReasonField() {
  return (
    <Field label="Reason" hint="Kept with the change and shown to everyone under Audit.">
      {(ids) => (
        <textarea
          name="reason"
          required
          minLength={reasonLength.min}
          maxLength={reasonLength.max}
          rows={2}
          className={classes(inputLook, 'h-auto py-1.5')}
          {...ids}
        />
      )}
    </Field>
  );
}
