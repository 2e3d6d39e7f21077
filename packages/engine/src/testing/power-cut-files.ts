// A file system in memory that can lose its power. Until a file was datasynced its bytes may vanish, in any combination of 512-byte
// sectors; until its directory was synced a name may be there or not. At a chosen operation the power goes: every later call fails, and
// `afterCut` gives what a machine might find when it comes back. Writes and syncs can also be made to fail, as a full or broken disk does.
import type { Files } from '../ports.ts';

const sectorBytes = 512;

export class PowerCutError extends Error {
  readonly code = 'POWER_CUT';
  constructor() {
    super('the power is cut');
    this.name = 'PowerCutError';
  }
}

export type PowerCutOptions = {
  seed: number;
  /** The operation (from 1) in whose middle the power goes; none when absent. */
  cutAt?: number;
  /** Bytes the disk holds; all that is wanted when absent. */
  capacityBytes?: number;
};

type Operation = 'write' | 'datasync' | 'syncDirectory' | 'create' | 'rename' | 'remove' | 'truncate';
/** The next `times` calls of an operation (on paths that contain `path`) fail with this code. */
export type Failure = { operation: Operation; code: 'ENOSPC' | 'EIO'; times: number; path?: string };

type Sector = { start: number; bytes: Buffer };
type FileData = { bytes: Buffer; size: number; durable: Buffer; unsynced: Sector[]; resized: boolean };
type NameChange = { directory: string; apply: (names: Map<string, FileData>) => void };

/** Deterministic random numbers in [0, 1). */
export function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function failure(code: string): Error & { code: string } {
  return Object.assign(new Error(code), { code });
}

/** A copy in memory of its own: never a slice of Node's pool, which `withSectors` could grow into. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(copy);
  return copy;
}

/** The bytes with these sectors written over them. May return the same buffer, changed. */
function withSectors(bytes: Buffer, sectors: readonly Sector[]): Buffer {
  const end = sectors.reduce((furthest, sector) => Math.max(furthest, sector.start + sector.bytes.length), bytes.length);
  const room = bytes.buffer.byteLength - bytes.byteOffset;
  const target = end <= room ? Buffer.from(bytes.buffer, bytes.byteOffset, end) : Buffer.from(new ArrayBuffer(end * 2), 0, end);
  if (target.buffer !== bytes.buffer) bytes.copy(target);
  for (const sector of sectors) sector.bytes.copy(target, sector.start);
  return target;
}

const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '/';

export class PowerCutFiles implements Files {
  operations = 0;
  datasyncs = 0;
  readonly #options: PowerCutOptions;
  readonly #chance: () => number;
  readonly #names = new Map<string, FileData>();
  readonly #durableNames = new Map<string, FileData>();
  readonly #directories = new Set<string>(['/']);
  #nameChanges: NameChange[] = [];
  readonly #handles = new Map<number, { file: FileData; path: string }>();
  #nextHandle = 3;
  #failures: Failure[] = [];
  #capacity: number;
  #dark = false;

  constructor(options: PowerCutOptions) {
    this.#options = options;
    this.#chance = seededFraction(options.seed);
    this.#capacity = options.capacityBytes ?? Number.MAX_SAFE_INTEGER;
  }

  get dark(): boolean {
    return this.#dark;
  }

  fail(failing: Failure): void {
    this.#failures.push(failing);
  }

  setCapacity(bytes: number): void {
    this.#capacity = bytes;
  }

  /** Changes bytes behind the spool's back, as a rotting disk does. */
  corrupt(path: string, offset: number, bytes: Uint8Array): void {
    const file = this.#file(path);
    file.bytes.set(bytes, offset);
    file.durable.set(bytes.subarray(0, Math.max(0, file.durable.length - offset)), offset);
  }

  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** What is left when the power comes back; a seeded choice among all that could be. */
  afterCut(options: PowerCutOptions): PowerCutFiles {
    const left = new PowerCutFiles(options);
    const names = new Map(this.#durableNames);
    for (const change of this.#nameChanges) if (this.#chance() < 0.5) change.apply(names);
    const copies = new Map<FileData, FileData>();
    for (const [path, file] of names) {
      const copy = copies.get(file) ?? this.#survivor(file);
      copies.set(file, copy);
      left.#names.set(path, copy);
      left.#durableNames.set(path, copy);
    }
    for (const directory of this.#directories) left.#directories.add(directory);
    return left;
  }

  makeDirectory(path: string): void {
    this.#live();
    for (let at = path; !this.#directories.has(at); at = directoryOf(at)) this.#directories.add(at);
  }

  list(directory: string): string[] {
    this.#live();
    if (!this.#directories.has(directory)) throw failure('ENOENT');
    return [...this.#names.keys()].filter((path) => directoryOf(path) === directory).map((path) => path.slice(directory.length + 1));
  }

  create(path: string): number {
    this.#step('create', path);
    if (!this.#directories.has(directoryOf(path))) throw failure('ENOENT');
    if (this.#names.has(path)) throw failure('EEXIST');
    const file: FileData = { bytes: Buffer.alloc(4096), size: 0, durable: ownCopy(Buffer.alloc(0)), unsynced: [], resized: false };
    this.#rename(directoryOf(path), (names) => void names.set(path, file));
    return this.#handle(file, path);
  }

  open(path: string): number {
    this.#live();
    return this.#handle(this.#file(path), path);
  }

  write(handle: number, chunks: readonly Uint8Array[], position: number): void {
    const { file, path } = this.#of(handle);
    const bytes = Buffer.concat(chunks);
    const grown = Math.max(0, position + bytes.length - file.size);
    const room = grown === 0 ? 0 : Math.max(0, this.#capacity - this.#used());
    const fits = grown <= room ? bytes : bytes.subarray(0, Math.max(0, bytes.length - (grown - room)));
    // A write in whose middle the power goes, or the disk fills, still reached the cache in part.
    this.#put(file, fits, position);
    this.#step('write', path);
    if (fits.length < bytes.length) throw failure('ENOSPC');
  }

  datasync(handle: number): void {
    const { file, path } = this.#of(handle);
    try {
      this.#step('datasync', path);
    } catch (error) {
      // After a failed fsync the pages count as clean: some reached the disk, the rest never will.
      if (!this.#dark) this.#dropUnsynced(file);
      throw error;
    }
    this.datasyncs += 1;
    // Only what is dirty goes to the disk: pages that a failed fsync let go of do not come back.
    if (file.resized) file.durable = file.durable.subarray(0, file.size);
    file.durable = withSectors(file.durable, file.unsynced);
    file.unsynced = [];
    file.resized = false;
  }

  read(handle: number, length: number, position: number, into?: Buffer): Uint8Array {
    this.#live();
    const { file } = this.#of(handle);
    const bytes = file.bytes.subarray(Math.min(position, file.size), Math.min(position + length, file.size));
    return into === undefined ? Buffer.from(bytes) : into.subarray(0, bytes.copy(into));
  }

  size(handle: number): number {
    this.#live();
    return this.#of(handle).file.size;
  }

  truncate(handle: number, size: number): void {
    const { file, path } = this.#of(handle);
    this.#step('truncate', path);
    file.bytes.fill(0, size);
    file.size = size;
    file.resized = true;
  }

  close(handle: number): void {
    this.#live();
    this.#of(handle);
    this.#handles.delete(handle);
  }

  rename(from: string, to: string): void {
    this.#step('rename', from);
    const file = this.#file(from);
    this.#rename(directoryOf(from), (names) => {
      names.delete(from);
      names.set(to, file);
    });
  }

  remove(path: string): void {
    this.#step('remove', path);
    this.#file(path);
    this.#rename(directoryOf(path), (names) => void names.delete(path));
  }

  syncDirectory(directory: string): void {
    this.#step('syncDirectory', directory);
    for (const change of this.#nameChanges) if (change.directory === directory) change.apply(this.#durableNames);
    this.#nameChanges = this.#nameChanges.filter((change) => change.directory !== directory);
  }

  freeBytes(): number {
    this.#live();
    return Math.max(0, this.#capacity - this.#used());
  }

  openHandles(): number {
    return this.#handles.size;
  }

  #live(): void {
    if (this.#dark) throw new PowerCutError();
  }

  #step(operation: Operation, path: string): void {
    this.#live();
    this.operations += 1;
    if (this.operations === this.#options.cutAt) this.#dark = true;
    this.#live();
    const failing = this.#failures.find((each) => each.operation === operation && each.times > 0 && path.includes(each.path ?? ''));
    if (failing === undefined) return;
    failing.times -= 1;
    throw failure(failing.code);
  }

  #file(path: string): FileData {
    const file = this.#names.get(path);
    if (file === undefined) throw failure('ENOENT');
    return file;
  }

  #handle(file: FileData, path: string): number {
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    this.#handles.set(handle, { file, path });
    return handle;
  }

  #of(handle: number): { file: FileData; path: string } {
    const open = this.#handles.get(handle);
    if (open === undefined) throw failure('EBADF');
    return open;
  }

  #rename(directory: string, apply: (names: Map<string, FileData>) => void): void {
    apply(this.#names);
    this.#nameChanges.push({ directory, apply });
  }

  #put(file: FileData, bytes: Buffer, position: number): void {
    this.#live();
    const end = position + bytes.length;
    if (end > file.bytes.length) {
      const bigger = Buffer.alloc(Math.max(end, file.bytes.length * 2));
      file.bytes.copy(bigger);
      file.bytes = bigger;
    }
    bytes.copy(file.bytes, position);
    file.size = Math.max(file.size, end);
    for (let at = position; at < end;) {
      const sectorEnd = Math.min(end, (Math.floor(at / sectorBytes) + 1) * sectorBytes);
      file.unsynced.push({ start: at, bytes: Buffer.from(file.bytes.subarray(at, sectorEnd)) });
      at = sectorEnd;
    }
  }

  #used(): number {
    let bytes = 0;
    for (const file of this.#names.values()) bytes += file.size;
    return bytes;
  }

  #survivor(file: FileData): FileData {
    let bytes = ownCopy(file.durable);
    if (file.resized && this.#chance() < 0.5) bytes = bytes.subarray(0, Math.min(bytes.length, file.size));
    const survivors = file.unsynced.filter(() => this.#chance() >= 0.5);
    bytes = withSectors(bytes, survivors);
    return { bytes: ownCopy(bytes), size: bytes.length, durable: ownCopy(bytes), unsynced: [], resized: false };
  }

  #dropUnsynced(file: FileData): void {
    file.durable = this.#survivor(file).durable;
    file.unsynced = [];
  }
}
