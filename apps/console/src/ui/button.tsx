'use client';
// Buttons. At least 32 px high (WCAG 2.2 target size), and one look per weight of what they do.
import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { classes } from './classes.ts';

export const buttonLook = cva(
  'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium whitespace-nowrap transition-colors disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-accent text-on-accent hover:bg-accent-strong',
        plain: 'border border-border-strong bg-surface text-text hover:bg-sunken',
        quiet: 'text-text hover:bg-sunken',
        danger: 'border border-bad-text bg-bad-soft text-bad-text hover:brightness-95',
      },
    },
    defaultVariants: { look: 'plain' },
  },
);

export function Button({ look, className, type = 'button', ...rest }: ComponentProps<'button'> & VariantProps<typeof buttonLook>) {
  return <button type={type} className={classes(buttonLook({ look }), className)} {...rest} />;
}
