'use client';
// Where one can go. Screens about the whole installation are left out for operators who are bound to one tenant.
import {
  Activity,
  ArrowRightLeft,
  AtSign,
  BrainCircuit,
  Building2,
  Gauge,
  GitCommitVertical,
  KeyRound,
  Layers,
  LayoutDashboard,
  Mail,
  Network,
  ScanText,
  Server,
  SlidersHorizontal,
  Thermometer,
  Users,
  Waypoints,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useMe, useSeesAll } from '@/session/me.tsx';
import { classes } from '@/ui/classes.ts';

/** `needs`: a procedure without which there is nothing to see. */
type Place = { href: string; label: string; icon: LucideIcon; installationWide?: boolean; needs?: string };
const places: readonly { group: string; items: readonly Place[] }[] = [
  {
    group: 'Now',
    items: [
      { href: '/', label: 'Overview', icon: LayoutDashboard },
      { href: '/messages', label: 'Messages', icon: Mail },
      { href: '/queues', label: 'Queues', icon: Layers },
      { href: '/decisions', label: 'Decisions', icon: BrainCircuit },
      { href: '/traces', label: 'Traces', icon: ScanText },
      { href: '/nodes', label: 'Nodes', icon: Server },
    ],
  },
  {
    group: 'Egress',
    items: [
      { href: '/pools', label: 'IP pools', icon: Network },
      { href: '/sources', label: 'Sources', icon: Waypoints },
      { href: '/warm-ups', label: 'Warm-up', icon: Thermometer, installationWide: true },
      { href: '/providers', label: 'Providers', icon: AtSign },
      { href: '/limits', label: 'Limits', icon: Gauge },
      { href: '/automations', label: 'Automation', icon: Workflow },
      { href: '/delivery-settings', label: 'Delivery settings', icon: SlidersHorizontal },
      { href: '/routes', label: 'Routes', icon: ArrowRightLeft, installationWide: true },
    ],
  },
  {
    group: 'Installation',
    items: [
      { href: '/tenants', label: 'Tenants', icon: Building2 },
      { href: '/config', label: 'Configuration', icon: GitCommitVertical },
      { href: '/settings/users', label: 'Users', icon: Users, needs: 'users.list' },
      { href: '/activity', label: 'Activity', icon: Activity },
      { href: '/settings/keys', label: 'API keys', icon: KeyRound, needs: 'keys.list' },
    ],
  },
];

export function Navigation() {
  const path = usePathname();
  const seesAll = useSeesAll();
  const { version, may } = useMe();
  return (
    <nav aria-label="Main" className="flex gap-1 overflow-x-auto p-2 md:flex-col md:gap-4 md:overflow-visible md:p-3">
      {places.map(({ group, items }) => (
        <div key={group} className="flex gap-1 md:flex-col md:gap-0.5">
          <p className="hidden px-2 pb-1 text-xs text-muted md:block">{group}</p>
          {items
            .filter(({ installationWide, needs }) => (seesAll || !installationWide) && (needs === undefined || may.includes(needs)))
            .map(({ href, label, icon: Icon }) => {
              const here = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
              return (
                <Link
                  key={href}
                  href={href}
                  prefetch={false}
                  aria-current={here ? 'page' : undefined}
                  className={classes(
                    'flex h-8 shrink-0 items-center gap-2 rounded-md px-2 text-sm',
                    here ? 'bg-accent-soft font-medium text-accent-strong' : 'text-text hover:bg-sunken',
                  )}
                >
                  <Icon aria-hidden className="size-4" />
                  {label}
                </Link>
              );
            })}
        </div>
      ))}
      <p className="hidden px-2 text-xs text-muted md:block">
        Version {version},{' '}
        <a href="/api/docs" className="underline">
          its API
        </a>
      </p>
    </nav>
  );
}
