// The database of the control plane: schema, migrations, roles and the Prisma client.
export { createClient, createReads } from './client.ts';
export type { ClientOptions, Reads } from './client.ts';
export { migrate, readMigrations, MigrationError } from './migrate.ts';
export type { Migration } from './migrate.ts';
export { provision } from './provision.ts';
export type { RuntimePasswords, RuntimeUrls } from './provision.ts';
export { backup, backupByDump, restore, BackupError } from './backup/index.ts';
export type { ProgramPlaces } from './backup/index.ts';
export { runtimeRoles } from './roles.ts';
export { Prisma, PrismaClient } from './generated/client.ts';
