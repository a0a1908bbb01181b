import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Imports run one way (ARCHITECTURE.md): a folder may import itself and those named here. */
const mayImport = {
  fleet: [],
  gateway: ["fleet"],
  components: ["fleet", "gateway"],
  stacks: ["fleet", "gateway", "components"],
  automation: ["fleet", "gateway", "components", "stacks", "tools"],
  lab: ["fleet", "tools"],
  tools: [],
};
const folders = Object.keys(mayImport);
/** The one module of automation that opens the lab. */
const labDoor = "./automation/cli/lab-door.ts";

const oneWay = Object.entries(mayImport).map(([folder, allowed]) => ({
  target: `./${folder}/**/*`,
  from: folders.filter((other) => other !== folder && !allowed.includes(other)).map((other) => `./${other}`),
  ...(folder === "automation" ? { except: [] } : {}),
  message: `${folder}/ may import ${allowed.length > 0 ? allowed.map((a) => `${a}/`).join(", ") : "nothing of ours"} (ARCHITECTURE.md).`,
}));

export default tseslint.config(
  { ignores: ["packages/*/*", "!packages/cli/bin", "node_modules", "report", "coverage", "test/golden"] },
  ...tseslint.configs.strict,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver": { typescript: { project: "tsconfig.json" } },
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones: oneWay }],
      "import-x/no-cycle": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: [labDoor.slice(2)],
    rules: { "import-x/no-restricted-paths": "off" },
  },
  {
    files: ["**/*.plan.ts", "fleet/**/*.ts", "gateway/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@pulumi/*"] }] },
  },
  {
    files: ["**/*.mjs", "**/*.cjs", "packages/cli/bin/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
    // What an older Node or a test runner loads is CommonJS.
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
