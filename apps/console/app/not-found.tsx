// An address that is none of ours.
import Link from 'next/link';
import { Door } from '@/session/door.tsx';

export default function NotFound() {
  return (
    <Door title="There is no such page">
      <p className="text-sm">
        The address may be mistyped.{' '}
        <Link href="/" prefetch={false} className="text-accent-strong underline">
          Go to the overview
        </Link>
        .
      </p>
    </Door>
  );
}
