/*
 * A library that answers as NVIDIA's management library does, with what a text file beside it says: PATH.state, read
 * anew at every call, so that a test may rewrite it while the agent runs. Lines are "KEY VALUE"; the key of a device
 * begins with its index or with * for all, then mig.N for a partition. What the file does not name is not supported.
 *
 *   fail.FUNCTION CODE       the function gives the code; with an index before it, for that device alone
 *   hang.FUNCTION 1          the function does not return while the line is there
 *   N.lost 1                 the device answers that it is lost, and so does whoever waits for its events
 *   N.otherHandle M          its events bear the handle of M
 *   events COUNT             so many events were pushed; event.K is DEVICE TYPE DATA INSTANCE COMPUTE, from 0
 *
 * A function is left out by renaming it: cc -DnvmlDeviceGetMemoryInfo_v2=left_out.
 * With -DPRINT_LAYOUTS it is a program that prints the size and the offsets of its structures.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, BAD_ARGUMENT = 2, UNSUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7 };
enum { TIMEOUT = 10, LOST = 15, MISMATCH = 25 };
enum { CHIPS = 16, PARTS = 8, LONGEST = 128 };

typedef unsigned int u32;
typedef unsigned long long u64;
typedef char *Handle;

typedef struct { u64 total, free, used; } nvmlMemory_t;
typedef struct { u32 version; u64 total, reserved, free, used; } nvmlMemory_v2_t;
typedef struct {
    char busIdLegacy[16];
    u32 domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} nvmlPciInfo_t;
typedef struct { u32 pid; u64 usedGpuMemory; u32 gpuInstanceId, computeInstanceId; } nvmlProcessInfo_t;
typedef struct {
    u32 pid; u64 usedGpuMemory; u32 gpuInstanceId, computeInstanceId; u64 usedGpuCcProtectedMemory;
} nvmlProcessInfo_535_t;
typedef struct { u32 gpu, memory; } nvmlUtilization_t;
typedef struct { u32 version; int marginTemperature; } nvmlMarginTemperature_t;
typedef struct { unsigned char clusterUuid[16]; int status; u32 cliqueId; unsigned char state; } nvmlGpuFabricInfo_t;
typedef struct {
    u32 version;
    unsigned char clusterUuid[16];
    int status;
    u32 cliqueId;
    unsigned char state;
    u32 healthMask;
} nvmlGpuFabricInfo_v2_t;
typedef struct { Handle device; u64 eventType, eventData; u32 gpuInstanceId, computeInstanceId; } nvmlEventData_t;
typedef struct {
    u32 multiprocessorCount, sharedCopyEngineCount, sharedDecoderCount, sharedEncoderCount, sharedJpegCount;
    u32 sharedOfaCount, gpuInstanceSliceCount, computeInstanceSliceCount;
    u64 memorySizeMB;
} nvmlDeviceAttributes_t;
typedef struct { u32 start, size; } nvmlGpuInstancePlacement_t;
typedef struct { Handle device; u32 id, profileId; nvmlGpuInstancePlacement_t placement; } nvmlGpuInstanceInfo_t;

#ifdef PRINT_LAYOUTS
#define SIZE(type) printf(#type " %zu\n", sizeof(type))
#define AT(type, field) printf(#type "." #field " %zu\n", offsetof(type, field))

int main(void) {
    SIZE(nvmlMemory_t); AT(nvmlMemory_t, total); AT(nvmlMemory_t, free); AT(nvmlMemory_t, used);
    SIZE(nvmlMemory_v2_t); AT(nvmlMemory_v2_t, version); AT(nvmlMemory_v2_t, total); AT(nvmlMemory_v2_t, reserved);
    AT(nvmlMemory_v2_t, free); AT(nvmlMemory_v2_t, used);
    SIZE(nvmlPciInfo_t); AT(nvmlPciInfo_t, busIdLegacy); AT(nvmlPciInfo_t, domain); AT(nvmlPciInfo_t, bus);
    AT(nvmlPciInfo_t, device); AT(nvmlPciInfo_t, pciDeviceId); AT(nvmlPciInfo_t, pciSubSystemId);
    AT(nvmlPciInfo_t, busId);
    SIZE(nvmlProcessInfo_t); AT(nvmlProcessInfo_t, pid); AT(nvmlProcessInfo_t, usedGpuMemory);
    AT(nvmlProcessInfo_t, gpuInstanceId); AT(nvmlProcessInfo_t, computeInstanceId);
    SIZE(nvmlProcessInfo_535_t); AT(nvmlProcessInfo_535_t, pid); AT(nvmlProcessInfo_535_t, usedGpuMemory);
    AT(nvmlProcessInfo_535_t, gpuInstanceId); AT(nvmlProcessInfo_535_t, computeInstanceId);
    AT(nvmlProcessInfo_535_t, usedGpuCcProtectedMemory);
    SIZE(nvmlUtilization_t); AT(nvmlUtilization_t, gpu); AT(nvmlUtilization_t, memory);
    SIZE(nvmlMarginTemperature_t); AT(nvmlMarginTemperature_t, version);
    AT(nvmlMarginTemperature_t, marginTemperature);
    SIZE(nvmlGpuFabricInfo_t); AT(nvmlGpuFabricInfo_t, clusterUuid); AT(nvmlGpuFabricInfo_t, status);
    AT(nvmlGpuFabricInfo_t, cliqueId); AT(nvmlGpuFabricInfo_t, state);
    SIZE(nvmlGpuFabricInfo_v2_t); AT(nvmlGpuFabricInfo_v2_t, version); AT(nvmlGpuFabricInfo_v2_t, clusterUuid);
    AT(nvmlGpuFabricInfo_v2_t, status); AT(nvmlGpuFabricInfo_v2_t, cliqueId); AT(nvmlGpuFabricInfo_v2_t, state);
    AT(nvmlGpuFabricInfo_v2_t, healthMask);
    SIZE(nvmlEventData_t); AT(nvmlEventData_t, device); AT(nvmlEventData_t, eventType);
    AT(nvmlEventData_t, eventData); AT(nvmlEventData_t, gpuInstanceId); AT(nvmlEventData_t, computeInstanceId);
    SIZE(nvmlDeviceAttributes_t); AT(nvmlDeviceAttributes_t, multiprocessorCount);
    AT(nvmlDeviceAttributes_t, sharedCopyEngineCount); AT(nvmlDeviceAttributes_t, sharedDecoderCount);
    AT(nvmlDeviceAttributes_t, sharedEncoderCount); AT(nvmlDeviceAttributes_t, sharedJpegCount);
    AT(nvmlDeviceAttributes_t, sharedOfaCount); AT(nvmlDeviceAttributes_t, gpuInstanceSliceCount);
    AT(nvmlDeviceAttributes_t, computeInstanceSliceCount); AT(nvmlDeviceAttributes_t, memorySizeMB);
    SIZE(nvmlGpuInstanceInfo_t); AT(nvmlGpuInstanceInfo_t, device); AT(nvmlGpuInstanceInfo_t, id);
    AT(nvmlGpuInstanceInfo_t, profileId); AT(nvmlGpuInstanceInfo_t, placement);
    return 0;
}
#else

/* The address of a handle is all that it is: which chip, and which partition of it. */
static char chips[CHIPS], parts[CHIPS * PARTS], instances[CHIPS * PARTS], the_set;
static u64 wanted[CHIPS];
static int delivered, hanging, changes = -1;
static __thread char state[32768];

/* A file beside the library, whatever that is called. */
static int beside(const char *suffix, int flags) {
    Dl_info self;
    char path[4096];
    dladdr((void *) beside, &self);
    snprintf(path, sizeof path, "%s.%s", self.dli_fname, suffix);
    return open(path, flags | O_CLOEXEC, 0600);
}

static void load(void) {
    state[0] = '\n';
    state[1] = 0;
    int file = beside("state", O_RDONLY);
    if (file >= 0) {
        ssize_t length = read(file, state + 1, sizeof state - 2);
        state[length < 0 ? 1 : length + 1] = 0;
        close(file);
    }
}

static int find(char *value, const char *format, ...) {
    char key[256] = "\n";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(key + 1, sizeof key - 2, format, arguments);
    va_end(arguments);
    strcat(key, " ");
    const char *at = strstr(state, key);
    if (!at) return 0;
    at += strlen(key);
    size_t length = strcspn(at, "\n");
    if (length >= 1024) length = 1023;
    memcpy(value, at, length);
    value[length] = 0;
    return 1;
}

static int part_of(Handle handle) {
    return handle >= parts && handle < parts + sizeof parts ? (int) (handle - parts) : -1;
}

static int chip_of(Handle handle) {
    return part_of(handle) >= 0 ? part_of(handle) / PARTS : (int) (handle - chips);
}

static int field(Handle handle, const char *name, char *value) {
    int part = part_of(handle), chip = chip_of(handle);
    if (part >= 0) {
        return find(value, "%d.mig.%d.%s", chip, part % PARTS, name) || find(value, "*.mig.%d.%s", part % PARTS, name);
    }
    return find(value, "%d.%s", chip, name) || find(value, "*.%s", name);
}

static int enter(const char *function, Handle handle) {
    char value[1024];
    load();
    __atomic_add_fetch(&hanging, 1, __ATOMIC_SEQ_CST);
    while (find(value, "hang.%s", function)) {
        usleep(5000);
        load();
    }
    __atomic_sub_fetch(&hanging, 1, __ATOMIC_SEQ_CST);
    if (find(value, "fail.%s", function)) return atoi(value);
    if (handle) {
        if (find(value, "%d.fail.%s", chip_of(handle), function)) return atoi(value);
        if (find(value, "%d.lost", chip_of(handle))) return LOST;
    }
    return OK;
}

static int number(Handle handle, const char *name, u64 *result) {
    char value[1024];
    if (!field(handle, name, value)) return UNSUPPORTED;
    *result = strtoull(value, NULL, 0);
    return OK;
}

static int number32(Handle handle, const char *name, u32 *result) {
    u64 wide = 0;
    int code = number(handle, name, &wide);
    if (code == OK) *result = (u32) wide;
    return code;
}

static int text(const char *value, int found, char *result, u32 size) {
    if (!found) return UNSUPPORTED;
    if (strlen(value) >= size) return TOO_SMALL;
    strcpy(result, value);
    return OK;
}

#define ENTER(handle) int code = enter(__func__, handle); if (code != OK) return code
#define TEXT(function, name) \
    int function(Handle device, char *result, u32 size) { \
        char value[1024]; ENTER(device); return text(value, field(device, name, value), result, size); }
#define SYSTEM_TEXT(function, name) \
    int function(char *result, u32 size) { \
        char value[1024]; ENTER(NULL); return text(value, find(value, name), result, size); }
#define NUMBER(function, name) \
    int function(Handle device, u32 *result) { ENTER(device); return number32(device, name, result); }

int nvmlInit_v2(void) { ENTER(NULL); return OK; }

/* Leaves a file that says whether someone was inside, which a real library does not forgive. */
int nvmlShutdown(void) {
    const char *word = hanging ? "while a call hung" : "clean";
    int file = beside("shutdown", O_CREAT | O_WRONLY | O_TRUNC);
    ENTER(NULL);
    if (file < 0 || write(file, word, strlen(word)) < 0) return UNSUPPORTED;
    close(file);
    return OK;
}

SYSTEM_TEXT(nvmlSystemGetDriverVersion, "driver")
SYSTEM_TEXT(nvmlSystemGetNVMLVersion, "nvml")
TEXT(nvmlDeviceGetName, "name")
TEXT(nvmlDeviceGetUUID, "uuid")
TEXT(nvmlDeviceGetSerial, "serial")
TEXT(nvmlDeviceGetVbiosVersion, "vbios")
NUMBER(nvmlDeviceGetPowerUsage, "power")
NUMBER(nvmlDeviceGetEnforcedPowerLimit, "powerLimit")
NUMBER(nvmlDeviceGetMaxMigDeviceCount, "migMax")
NUMBER(nvmlDeviceGetGpuInstanceId, "instance")
NUMBER(nvmlDeviceGetComputeInstanceId, "compute")
NUMBER(nvmlDeviceGetRetiredPagesPendingStatus, "retiredPending")

int nvmlSystemGetCudaDriverVersion_v2(int *result) {
    char value[1024];
    ENTER(NULL);
    *result = find(value, "cuda") ? atoi(value) : 0;
    return *result ? OK : UNSUPPORTED;
}

int nvmlDeviceGetCount_v2(u32 *count) {
    char value[1024];
    ENTER(NULL);
    *count = find(value, "count") ? (u32) atoi(value) : 0;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(u32 index, Handle *device) {
    if (index >= CHIPS) return BAD_ARGUMENT;
    ENTER(chips + index);
    *device = chips + index;
    return OK;
}

int nvmlDeviceGetPciInfo_v3(Handle device, nvmlPciInfo_t *info) {
    char value[1024];
    ENTER(device);
    if (!field(device, "pci", value)) return UNSUPPORTED;
    memset(info, 0, sizeof *info);
    if (sscanf(value, "%x:%x:%x", &info->domain, &info->bus, &info->device) != 3) return BAD_ARGUMENT;
    snprintf(info->busId, sizeof info->busId, "%08X:%02X:%02X.0", info->domain, info->bus, info->device);
    snprintf(info->busIdLegacy, sizeof info->busIdLegacy, "%04X:%02X:%02X.0", info->domain & 0xffff, info->bus,
            info->device);
    return OK;
}

int nvmlDeviceGetMemoryInfo(Handle device, nvmlMemory_t *memory) {
    u64 reserved = 0;
    ENTER(device);
    if ((code = number(device, "memory", &memory->total))) return code;
    if ((code = number(device, "used", &memory->used))) return code;
    number(device, "reserved", &reserved);
    memory->used += reserved;
    memory->free = memory->total - memory->used;
    return OK;
}

int nvmlDeviceGetMemoryInfo_v2(Handle device, nvmlMemory_v2_t *memory) {
    ENTER(device);
    if (memory->version != (sizeof *memory | 2u << 24)) return MISMATCH;
    memory->reserved = 0;
    if ((code = number(device, "memory", &memory->total))) return code;
    if ((code = number(device, "used", &memory->used))) return code;
    number(device, "reserved", &memory->reserved);
    memory->free = memory->total - memory->used - memory->reserved;
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(Handle device, int *major, int *minor) {
    char value[1024];
    ENTER(device);
    return field(device, "capability", value) && sscanf(value, "%d.%d", major, minor) == 2 ? OK : UNSUPPORTED;
}

int nvmlDeviceGetTemperature(Handle device, u32 sensor, u32 *celsius) {
    ENTER(device);
    return sensor ? BAD_ARGUMENT : number32(device, "temperature", celsius);
}

int nvmlDeviceGetTemperatureThreshold(Handle device, u32 which, u32 *celsius) {
    ENTER(device);
    return which > 1 ? BAD_ARGUMENT : number32(device, which ? "slowdown" : "shutdown", celsius);
}

int nvmlDeviceGetMarginTemperature(Handle device, nvmlMarginTemperature_t *margin) {
    ENTER(device);
    if (margin->version != (sizeof *margin | 1u << 24)) return MISMATCH;
    return number32(device, "margin", (u32 *) &margin->marginTemperature);
}

int nvmlDeviceGetUtilizationRates(Handle device, nvmlUtilization_t *rates) {
    ENTER(device);
    rates->memory = 0;
    return number32(device, "utilization", &rates->gpu);
}

int nvmlDeviceGetEccMode(Handle device, u32 *now, u32 *next) {
    ENTER(device);
    code = number32(device, "ecc", now);
    *next = *now;
    return code;
}

int nvmlDeviceGetTotalEccErrors(Handle device, u32 type, u32 counter, u64 *count) {
    ENTER(device);
    if (type > 1 || counter > 1) return BAD_ARGUMENT;
    return number(device, counter ? "eccAggregate" : type ? "eccUncorrected" : "eccCorrected", count);
}

int nvmlDeviceGetRetiredPages(Handle device, u32 cause, u32 *count, u64 *addresses) {
    u32 held = *count;
    ENTER(device);
    if (cause > 1) return BAD_ARGUMENT;
    if ((code = number32(device, cause ? "retiredDouble" : "retiredSingle", count))) return code;
    if (held < *count) return TOO_SMALL;
    for (u32 page = 0; page < *count; page++) addresses[page] = page;
    return OK;
}

int nvmlDeviceGetRemappedRows(Handle device, u32 *corrected, u32 *uncorrected, u32 *pending, u32 *failed) {
    char value[1024];
    ENTER(device);
    if (!field(device, "remapped", value)) return UNSUPPORTED;
    return sscanf(value, "%u %u %u %u", corrected, uncorrected, pending, failed) == 4 ? OK : BAD_ARGUMENT;
}

/* Drivers 535.43 to 535.98 write larger ones under the same name. */
static size_t process_size(void) {
    char value[1024];
    int minor;
    return find(value, "driver") && sscanf(value, "535.%d", &minor) == 1 && minor < 104
            ? sizeof(nvmlProcessInfo_535_t) : sizeof(nvmlProcessInfo_t);
}

static int processes_of(Handle device, u32 *count, char *processes, size_t size) {
    char value[1024], *at = value;
    u32 room = *count, found = 0;
    if (!field(device, "processes", value)) return UNSUPPORTED;
    for (char *word = strsep(&at, ","); word; word = strsep(&at, ",")) {
        u32 pid;
        u64 memory;
        if (sscanf(word, "%u:%lli", &pid, (long long *) &memory) != 2) continue;
        if (found < room) {
            nvmlProcessInfo_535_t process = {pid, memory, 0xffffffff, 0xffffffff, ~0ull};
            memcpy(processes + found * size, &process, size);
        }
        found++;
    }
    *count = found;
    return found > room ? TOO_SMALL : OK;
}

int nvmlDeviceGetComputeRunningProcesses_v3(Handle device, u32 *count, void *processes) {
    ENTER(device);
    return processes_of(device, count, processes, process_size());
}

int nvmlDeviceGetComputeRunningProcesses_v2(Handle device, u32 *count, void *processes) {
    ENTER(device);
    return processes_of(device, count, processes, sizeof(nvmlProcessInfo_t));
}

int nvmlDeviceGetMigMode(Handle device, u32 *now, u32 *next) {
    ENTER(device);
    code = number32(device, "migMode", now);
    *next = *now;
    return code;
}

int nvmlDeviceGetMigDeviceHandleByIndex(Handle device, u32 index, Handle *part) {
    char value[1024];
    ENTER(device);
    if (index >= PARTS) return BAD_ARGUMENT;
    *part = parts + (device - chips) * PARTS + index;
    return field(*part, "uuid", value) ? OK : NOT_FOUND;
}

int nvmlDeviceGetAttributes_v2(Handle device, nvmlDeviceAttributes_t *result) {
    ENTER(device);
    memset(result, 0, sizeof *result);
    if ((code = number32(device, "slices", &result->gpuInstanceSliceCount))) return code;
    if ((code = number32(device, "computeSlices", &result->computeInstanceSliceCount))) return code;
    if ((code = number32(device, "processors", &result->multiprocessorCount))) return code;
    return number(device, "memoryMb", &result->memorySizeMB);
}

int nvmlDeviceGetGpuInstanceById(Handle device, u32 id, Handle *instance) {
    ENTER(device);
    for (int index = 0; index < PARTS; index++) {
        u32 present;
        Handle part = parts + (device - chips) * PARTS + index;
        if (number32(part, "instance", &present) == OK && present == id) {
            *instance = instances + (part - parts);
            return OK;
        }
    }
    return NOT_FOUND;
}

int nvmlGpuInstanceGetInfo(Handle instance, nvmlGpuInstanceInfo_t *info) {
    ENTER(NULL);
    Handle part = parts + (instance - instances);
    memset(info, 0, sizeof *info);
    info->device = chips + chip_of(part);
    if ((code = number32(part, "instance", &info->id))) return code;
    if ((code = number32(part, "start", &info->placement.start))) return code;
    return number32(part, "size", &info->placement.size);
}

int nvmlDeviceGetNvLinkState(Handle device, u32 link, u32 *active) {
    char value[1024], key[LONGEST];
    u32 links;
    ENTER(device);
    if (number32(device, "links", &links)) return UNSUPPORTED;
    if (link >= links) return BAD_ARGUMENT;
    snprintf(key, sizeof key, "link.%u", link);
    *active = !field(device, key, value) || strcmp(value, "down") != 0;
    return OK;
}

/* "far switch", or the bus id of the other device of each link, one word a link. */
static int far_end(Handle device, u32 link, char *word) {
    char value[1024], *at = value;
    if (!field(device, "far", value)) return UNSUPPORTED;
    if (strcmp(value, "switch") != 0) {
        for (u32 skipped = 0; skipped < link && at; skipped++) strsep(&at, " ");
        if (!at) return BAD_ARGUMENT;
        at = strsep(&at, " ");
    }
    snprintf(word, LONGEST, "%s", at);
    return OK;
}

int nvmlDeviceGetNvLinkRemoteDeviceType(Handle device, u32 link, u32 *type) {
    char word[LONGEST];
    ENTER(device);
    if ((code = far_end(device, link, word))) return code;
    *type = strcmp(word, "switch") == 0 ? 2 : 0;
    return OK;
}

int nvmlDeviceGetNvLinkRemotePciInfo_v2(Handle device, u32 link, nvmlPciInfo_t *info) {
    char word[LONGEST];
    ENTER(device);
    if ((code = far_end(device, link, word))) return code;
    memset(info, 0, sizeof *info);
    return sscanf(word, "%x:%x:%x", &info->domain, &info->bus, &info->device) == 3 ? OK : UNSUPPORTED;
}

static int fabric(Handle device, unsigned char *uuid, int *status, u32 *clique, unsigned char *stage) {
    char value[1024];
    u32 number = 0;
    if (!field(device, "fabric.uuid", value)) return UNSUPPORTED;
    for (int at = 0; at < 16; at++) sscanf(value + 2 * at, "%2hhx", uuid + at);
    *status = 0;
    number32(device, "fabric.clique", clique);
    *stage = number32(device, "fabric.state", &number) == OK ? (unsigned char) number : 3;
    return OK;
}

int nvmlDeviceGetGpuFabricInfo(Handle device, nvmlGpuFabricInfo_t *info) {
    ENTER(device);
    return fabric(device, info->clusterUuid, &info->status, &info->cliqueId, &info->state);
}

int nvmlDeviceGetGpuFabricInfoV(Handle device, nvmlGpuFabricInfo_v2_t *info) {
    ENTER(device);
    if (info->version != (sizeof *info | 2u << 24)) return MISMATCH;
    info->healthMask = 0;
    return fabric(device, info->clusterUuid, &info->status, &info->cliqueId, &info->state);
}

int nvmlDeviceGetSupportedEventTypes(Handle device, u64 *types) {
    ENTER(device);
    return number(device, "eventTypes", types);
}

/* Told of each file that is moved into the library's folder: NVIDIA's sleeps until its kernel has an event. */
static void watch_folder(void) {
    Dl_info self;
    char path[4096];
    dladdr((void *) watch_folder, &self);
    snprintf(path, sizeof path, "%s", self.dli_fname);
    if (changes < 0) changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    inotify_add_watch(changes, dirname(path), IN_MOVED_TO);
}

static long long now_millis(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void await_change(int millis) {
    char told[4096];
    struct pollfd folder = {changes, POLLIN, 0};
    if (poll(&folder, 1, millis) > 0 && read(changes, told, sizeof told) < 0) usleep(5000);
    load();
}

int nvmlEventSetCreate(Handle *set) {
    ENTER(NULL);
    memset(wanted, 0, sizeof wanted);
    watch_folder();
    *set = &the_set;
    return OK;
}

int nvmlEventSetFree(Handle set) { ENTER(NULL); return set == &the_set ? OK : BAD_ARGUMENT; }

int nvmlDeviceRegisterEvents(Handle device, u64 types, Handle set) {
    u64 supported = 0;
    ENTER(device);
    number(device, "eventTypes", &supported);
    if (set != &the_set || types & ~supported) return UNSUPPORTED;
    wanted[chip_of(device)] = types;
    return OK;
}

/* The first version of the structure ends before the instances. */
int nvmlEventSetWait_v2(Handle set, nvmlEventData_t *event, u32 millis);
int nvmlEventSetWait(Handle set, nvmlEventData_t *event, u32 millis) {
    nvmlEventData_t whole;
    int code = nvmlEventSetWait_v2(set, &whole, millis);
    if (code == OK) memcpy(event, &whole, offsetof(nvmlEventData_t, gpuInstanceId));
    return code;
}

int nvmlEventSetWait_v2(Handle set, nvmlEventData_t *event, u32 millis) {
    char value[1024];
    ENTER(NULL);
    if (set != &the_set) return BAD_ARGUMENT;
    for (long long end = now_millis() + millis, left = millis; left >= 0; left = end - now_millis()) {
        for (int chip = 0; chip < CHIPS; chip++) {
            if (wanted[chip] && find(value, "%d.lost", chip)) return LOST;
        }
        while (find(value, "events") && delivered < atoi(value)) {
            u32 chip;
            if (!find(value, "event.%d", delivered++)) continue;
            if (sscanf(value, "%u %lli %llu %i %i", &chip, (long long *) &event->eventType, &event->eventData,
                    (int *) &event->gpuInstanceId, (int *) &event->computeInstanceId) != 5) return BAD_ARGUMENT;
            event->device = chips + chip;
            if (find(value, "%u.otherHandle", chip)) event->device = chips + atoi(value);
            if (chip < CHIPS && wanted[chip] & event->eventType) return OK;
        }
        await_change(left);
    }
    return TIMEOUT;
}
#endif
