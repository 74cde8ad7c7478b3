/**
 * The part of AssemblyScript's compiler interface that is used here. tsconfig.json puts it in place of the package's own types, which
 * declare AssemblyScript's globals (another `console`, `i32`, …) for every file of the program.
 */
declare const asc: {
  main(
    parameters: readonly string[],
    options: { writeFile?: (name: string, contents: Uint8Array | string, baseDir: string) => void },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
};
export default asc;
