package dev.interposer.agent.driver.nvml;

import java.util.List;

/**
 * What is asked of the library. The first name that it has is taken: the names of one call differ in nothing that we
 * read. Parameters are {@code p} for an address and {@code i} and {@code l} for integers of 32 and 64 bits; each
 * returns a code.
 */
enum Call {
    INIT("", "nvmlInit_v2", "nvmlInit"),
    SHUTDOWN("", "nvmlShutdown"),
    DRIVER_VERSION("pi", "nvmlSystemGetDriverVersion"),
    NVML_VERSION("pi", "nvmlSystemGetNVMLVersion"),
    CUDA_VERSION("p", "nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"),
    COUNT("p", "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"),
    HANDLE("ip", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"),
    NAME("ppi", "nvmlDeviceGetName"),
    UUID("ppi", "nvmlDeviceGetUUID"),
    SERIAL("ppi", "nvmlDeviceGetSerial"),
    VBIOS("ppi", "nvmlDeviceGetVbiosVersion"),
    PCI("pp", "nvmlDeviceGetPciInfo_v3"),
    MEMORY_2("pp", "nvmlDeviceGetMemoryInfo_v2"),
    MEMORY_1("pp", "nvmlDeviceGetMemoryInfo"),
    COMPUTE_CAPABILITY("ppp", "nvmlDeviceGetCudaComputeCapability"),
    POWER("pp", "nvmlDeviceGetPowerUsage"),
    POWER_LIMIT("pp", "nvmlDeviceGetEnforcedPowerLimit"),
    TEMPERATURE("pip", "nvmlDeviceGetTemperature"),
    TEMPERATURE_THRESHOLD("pip", "nvmlDeviceGetTemperatureThreshold"),
    TEMPERATURE_MARGIN("pp", "nvmlDeviceGetMarginTemperature"),
    UTILIZATION("pp", "nvmlDeviceGetUtilizationRates"),
    ECC_MODE("ppp", "nvmlDeviceGetEccMode"),
    ECC_ERRORS("piip", "nvmlDeviceGetTotalEccErrors"),
    RETIRED_PAGES("pipp", "nvmlDeviceGetRetiredPages"),
    RETIRED_PENDING("pp", "nvmlDeviceGetRetiredPagesPendingStatus"),
    REMAPPED_ROWS("ppppp", "nvmlDeviceGetRemappedRows"),
    PROCESSES("ppp", "nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"),
    MIG_MODE("ppp", "nvmlDeviceGetMigMode"),
    MIG_COUNT("pp", "nvmlDeviceGetMaxMigDeviceCount"),
    MIG_HANDLE("pip", "nvmlDeviceGetMigDeviceHandleByIndex"),
    MIG_ATTRIBUTES("pp", "nvmlDeviceGetAttributes_v2", "nvmlDeviceGetAttributes"),
    INSTANCE_ID("pp", "nvmlDeviceGetGpuInstanceId"),
    INSTANCE("pip", "nvmlDeviceGetGpuInstanceById"),
    INSTANCE_INFO("pp", "nvmlGpuInstanceGetInfo"),
    LINK_STATE("pip", "nvmlDeviceGetNvLinkState"),
    LINK_FAR_TYPE("pip", "nvmlDeviceGetNvLinkRemoteDeviceType"),
    LINK_FAR_PCI("pip", "nvmlDeviceGetNvLinkRemotePciInfo_v2"),
    FABRIC_2("pp", "nvmlDeviceGetGpuFabricInfoV"),
    FABRIC_1("pp", "nvmlDeviceGetGpuFabricInfo"),
    EVENT_TYPES("pp", "nvmlDeviceGetSupportedEventTypes"),
    EVENT_SET("p", "nvmlEventSetCreate"),
    EVENT_SET_FREE("p", "nvmlEventSetFree"),
    EVENT_REGISTER("plp", "nvmlDeviceRegisterEvents"),
    EVENT_WAIT("ppi", "nvmlEventSetWait_v2", "nvmlEventSetWait");

    /** Without these nothing can be told at all. */
    static final List<Call> REQUIRED = List.of(INIT, COUNT, HANDLE, UUID);

    private final String parameters;
    private final String newest;
    private final String older;

    Call(String parameters, String newest) {
        this(parameters, newest, "");
    }

    Call(String parameters, String newest, String older) {
        this.parameters = parameters;
        this.newest = newest;
        this.older = older;
    }

    String parameters() {
        return parameters;
    }

    /** The name by which people know it. */
    String function() {
        return newest;
    }

    /** Newest first. */
    List<String> names() {
        return older.isEmpty() ? List.of(newest) : List.of(newest, older);
    }
}
