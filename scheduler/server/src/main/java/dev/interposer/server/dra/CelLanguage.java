package dev.interposer.server.dra;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.checker.CelStandardDeclarations.StandardFunction.Overload.Arithmetic;
import dev.cel.checker.CelStandardDeclarations.StandardFunction.Overload.Conversions;
import dev.cel.common.CelOptions;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction.Overload.InternalOperator;
import java.util.Map;
import java.util.Set;

/**
 * CEL as device selectors of Kubernetes have it, without what could grow: an expression is a word of an administrator,
 * and the loop that decides waits for it.
 *
 * <p>Text and lists can't be put together or mapped, and nothing hides its type. So whatever an expression makes is no
 * longer than itself and the attributes, and lists hold no lists ({@link FlatLists}). What is repeated is repeated
 * {@value #MOST_ITERATIONS} times in all.
 */
final class CelLanguage {
    static final int MOST_LENGTH = 10 * 1024;
    static final int MOST_ITERATIONS = 256;
    private static final int MOST_DEPTH = 100;
    private static final int MOST_REGEX = 500;

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .maxExpressionCodePointSize(MOST_LENGTH)
            .maxParseRecursionDepth(MOST_DEPTH)
            .maxRegexProgramSize(MOST_REGEX)
            .build();
    private static final CelStringExtensions.Function[] TEXT = {
        CelStringExtensions.Function.CHAR_AT,
        CelStringExtensions.Function.INDEX_OF,
        CelStringExtensions.Function.LAST_INDEX_OF,
        CelStringExtensions.Function.LOWER_ASCII,
        CelStringExtensions.Function.SPLIT,
        CelStringExtensions.Function.SUBSTRING,
        CelStringExtensions.Function.TRIM,
        CelStringExtensions.Function.UPPER_ASCII
    };
    private static final Set<Object> LEFT_OUT =
            Set.of(Arithmetic.ADD_STRING, Arithmetic.ADD_BYTES, Arithmetic.ADD_LIST, Conversions.TO_DYN);

    static final String DRIVER = "device.driver";
    static final String ATTRIBUTES = "device.attributes";
    static final String CAPACITY = "device.capacity";
    static final String SHARED = "device.allowMultipleAllocations";

    private CelLanguage() {}

    static CelCompiler compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardDeclarations(CelStandardDeclarations.newBuilder()
                        .filterFunctions((function, overload) -> !LEFT_OUT.contains(overload))
                        .build())
                .setStandardMacros(
                        CelStandardMacro.HAS,
                        CelStandardMacro.ALL,
                        CelStandardMacro.EXISTS,
                        CelStandardMacro.EXISTS_ONE)
                .addVar(DRIVER, SimpleType.STRING)
                .addVar(SHARED, SimpleType.BOOL)
                .addVar(ATTRIBUTES, byDomain(MapType.create(SimpleType.STRING, SimpleType.DYN)))
                .addVar(CAPACITY, byDomain(MapType.create(SimpleType.STRING, CelFunctions.QUANTITY)))
                .addFunctionDeclarations(CelFunctions.declarations())
                .addLibraries(CelExtensions.strings(TEXT), CelExtensions.bindings(), CelExtensions.optional())
                .setResultType(SimpleType.BOOL)
                .build();
    }

    private static MapType byDomain(MapType names) {
        return MapType.create(SimpleType.STRING, names);
    }

    static CelRuntime runtime() {
        return CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardFunctions(CelStandardFunctions.newBuilder()
                        .filterFunctions((function, overload) -> overload != InternalOperator.IN_MAP)
                        .build())
                .addFunctionBindings(CelFunctions.bindings())
                // The library's own asks for the value, which a domain that is not there has too.
                .addFunctionBindings(
                        CelFunctionBinding.from("in_map", Object.class, Map.class, (key, map) -> map.containsKey(key)))
                .addLibraries(CelExtensions.strings(TEXT), CelExtensions.optional())
                .build();
    }

    /** What an expression sees of a device. */
    static Map<String, Object> variables(DraAttributes device) {
        return Map.of(
                DRIVER,
                device.driver(),
                SHARED,
                device.shared(),
                ATTRIBUTES,
                new Domains(device.attributes()),
                CAPACITY,
                new Domains(device.capacities()));
    }
}
