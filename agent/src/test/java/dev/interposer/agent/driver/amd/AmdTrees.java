package dev.interposer.agent.driver.amd;

import dev.interposer.agent.driver.sysfs.SysTree;
import java.nio.file.Path;

/** Nodes with AMD's accelerators, laid out as their kernel driver does: two CPUs first, then the chips. */
final class AmdTrees {
    private static final int[] BUSES = {0x05, 0x26, 0x46, 0x65, 0x85, 0xa6, 0xc6, 0xe5};

    private AmdTrees() {}

    static SysTree mi300x(Path folder, int chips) {
        SysTree tree = cpus(folder);
        for (int index = 0; index < chips; index++) {
            node(tree, 2 + index, mi300xNode(index));
            tree.file(kfd(2 + index) + "gpu_id", Integer.toString(1001 + index));
            chip(tree, index, "AMD Instinct MI300X OAM", "206141652992");
            tree.file(pci(index) + "hwmon/hwmon" + (4 + index) + "/power1_input", "712000000")
                    .file(pci(index) + "current_compute_partition", "SPX")
                    .file(pci(index) + "current_memory_partition", "NPS1");
        }
        return tree;
    }

    /** Two dies a package; of these the second measures no power. */
    static SysTree mi250(Path folder, int packages) {
        SysTree tree = cpus(folder);
        for (int index = 0; index < packages * 2; index++) {
            node(tree, 2 + index, properties(index, 416, 90_010, 29_708));
            tree.file(kfd(2 + index) + "gpu_id", Integer.toString(1001 + index));
            chip(tree, index, "AMD INSTINCT MI250 (MCM) OAM AC MBA", "68702699520");
            String monitor = pci(index) + "hwmon/hwmon" + (4 + index) + "/";
            tree.file(monitor + "temp1_input", "41000").file(monitor + "temp1_label", "edge");
            if (index % 2 == 0) {
                tree.file(monitor + "power1_average", "320000000");
            }
        }
        return tree;
    }

    static String mi300xNode(int index) {
        return properties(index, 1216, 90_402, 29_857);
    }

    static void node(SysTree tree, int node, String properties) {
        tree.file(kfd(node) + "properties", properties)
                .file(kfd(node) + "gpu_id", Integer.toString(1001 + node - 2))
                .file(kfd(node) + "name", "ip discovery");
    }

    /** Changes a property of the MI300X at a node. */
    static void property(SysTree tree, int node, String key, String value) {
        node(tree, node, mi300xNode(node - 2).replaceFirst("(?m)^" + key + " .*$", key + " " + value));
    }

    static String kfd(int node) {
        return "sys/class/kfd/kfd/topology/nodes/" + node + "/";
    }

    static String pci(int index) {
        return "sys/bus/pci/devices/0000:%02x:00.0/".formatted(BUSES[index]);
    }

    private static SysTree cpus(Path folder) {
        SysTree tree =
                new SysTree(folder).file("sys/module/amdgpu/version", "6.10.5").file("dev/kfd", "");
        for (int node = 0; node < 2; node++) {
            tree.file(kfd(node) + "gpu_id", "0")
                    .file(kfd(node) + "properties", "cpu_cores_count 96\nsimd_count 0\nmem_banks_count 1\nunique_id 0");
        }
        return tree;
    }

    private static void chip(SysTree tree, int index, String product, String memoryBytes) {
        String monitor = pci(index) + "hwmon/hwmon" + (4 + index) + "/";
        tree.file(pci(index) + "vendor", "0x1002")
                .file(pci(index) + "product_name", product)
                .file(pci(index) + "serial_number", "69240200%04d".formatted(index))
                .file(pci(index) + "numa_node", index < 4 ? "0" : "1")
                .file(pci(index) + "mem_info_vram_total", memoryBytes)
                .file(pci(index) + "mem_info_vram_used", "4294967296")
                .file(pci(index) + "gpu_busy_percent", "87")
                .file(pci(index) + "ras/umc_err_count", "ue: 0\nce: 0")
                .file(monitor + "temp2_input", "52000")
                .file(monitor + "temp2_label", "junction")
                .file(monitor + "temp2_crit", "100000")
                .file(monitor + "temp3_input", "44000")
                .file(monitor + "temp3_label", "mem")
                .file("dev/dri/renderD" + (128 + index), "");
    }

    private static String properties(int index, int simds, int target, int device) {
        return """
                cpu_cores_count 0
                simd_count %d
                mem_banks_count 1
                caches_count 690
                io_links_count 8
                cpu_core_id_base 0
                max_waves_per_simd 8
                wave_front_size 64
                array_count 32
                simd_arrays_per_engine 1
                simd_per_cu 4
                gfx_target_version %d
                vendor_id 4098
                device_id %d
                location_id %d
                domain 0
                drm_render_minor %d
                hive_id 6491921329706434561
                unique_id %s
                num_xcc 8""".formatted(
                        simds,
                        target,
                        device,
                        BUSES[index] << 8,
                        128 + index,
                        Long.toUnsignedString(0xbc15a0e2d3f40001L + index));
    }
}
