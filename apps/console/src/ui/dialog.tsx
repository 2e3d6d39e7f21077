'use client';
// Dialogs: focus goes in, stays in, and comes back to where it was; Escape closes.
import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';

type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** None: something else opens it. */
  trigger?: ReactNode;
  title: string;
  description: string;
  children: ReactNode;
};

export function Dialog({ open, onOpenChange, trigger, title, description, children }: DialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      {trigger !== undefined && <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>}
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Primitive.Content className="fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-lg border border-border bg-surface p-5 shadow-xl">
          <div className="mb-4 pr-8">
            <Primitive.Title className="text-base font-semibold">{title}</Primitive.Title>
            <Primitive.Description className="mt-1 text-sm text-muted">{description}</Primitive.Description>
          </div>
          {children}
          <Primitive.Close
            className="absolute top-3 right-3 grid size-8 place-items-center rounded-md text-muted hover:bg-sunken"
            aria-label="Close"
          >
            <X aria-hidden className="size-4" />
          </Primitive.Close>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
