/** The components of Azure, apart: their names are those of AWS. */
export * from "../../../../azure";
