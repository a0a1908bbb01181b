import { sdkVersion } from "../provider/sdk-version";
import { serve } from "../provider/serve";
import { gcpProvider } from "./provider";

serve(gcpProvider(sdkVersion("gcp"), process.env["TRUNKLINE_LAB_SOCKET"]));
