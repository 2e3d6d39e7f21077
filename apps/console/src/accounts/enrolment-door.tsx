'use client';
// What someone sees whose role needs a second factor, when the grace period is over: the way to one, and the way out.
import { signOut } from '@/session/auth-calls.ts';
import { Door } from '@/session/door.tsx';
import { Button } from '@/ui/button.tsx';
import { Enrolment } from './enrolment.tsx';

export function EnrolmentDoor({ onDone }: { onDone: () => void }) {
  return (
    <Door title="Set up a second factor">
      <div className="space-y-4">
        <p className="text-sm text-muted">
          Your role can change what mail leaves, so a password alone is not enough for it. The time to set this up is over: do it now, then
          everything works as before.
        </p>
        <Enrolment onDone={onDone} />
        <Button look="quiet" onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
    </Door>
  );
}
