import { sdkVersion } from "../provider/sdk-version";
import { serve } from "../provider/serve";
import { azureProvider } from "./provider";

serve(azureProvider(sdkVersion("azure-native"), process.env["TRUNKLINE_LAB_SOCKET"]));
