/** The components of Google Cloud, apart: their names are those of AWS. */
export * from "../../../../gcp";
