import { sdkVersion } from "../provider/sdk-version";
import { serve } from "../provider/serve";
import { awsProvider } from "./provider";

serve(awsProvider(sdkVersion("aws"), process.env["TRUNKLINE_LAB_SOCKET"]));
