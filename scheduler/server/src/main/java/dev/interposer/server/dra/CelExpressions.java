package dev.interposer.server.dra;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.compiler.CelCompiler;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.DeviceReport;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * CEL over the attributes of devices, as the selectors of Kubernetes' device classes have it.
 *
 * <p>An expression is compiled once and kept. The first costs a second on a cold machine, as the language is made for
 * it; {@link #prepare} does that where nobody waits for it.
 */
public final class CelExpressions implements DeviceExpressions {
    private static final int MOST_KEPT = 4096;
    private static final int MOST_WORDS = 300;

    private final Map<String, Compiled> compiled = new ConcurrentHashMap<>();
    private @Nullable Language language;

    private record Language(CelCompiler compiler, CelRuntime runtime) {}

    /** Either what is wrong with it, or what runs. */
    private record Compiled(String fault, CelRuntime.@Nullable Program program) {}

    /** Compiles the expressions of classes, as far as that was not done; by any thread. */
    public void prepare(Collection<AcceleratorClass> classes) {
        for (AcceleratorClass chipClass : classes) {
            for (MatchRule rule : chipClass.match()) {
                if (!rule.cel().isEmpty()) {
                    compiled(rule.cel());
                }
            }
        }
    }

    /** Whether {@link #prepare} has nothing to do. */
    public boolean isPrepared(Collection<AcceleratorClass> classes) {
        return classes.stream()
                .flatMap(chipClass -> chipClass.match().stream())
                .allMatch(rule -> rule.cel().isEmpty() || compiled.containsKey(rule.cel()));
    }

    @Override
    public String fault(String expression) {
        return compiled(expression).fault();
    }

    @Override
    public boolean holds(String expression, DeviceReport device) {
        CelRuntime.Program program = compiled(expression).program();
        if (program == null) {
            return false;
        }
        try {
            return Boolean.TRUE.equals(program.eval(CelLanguage.variables(DraAttributes.of(device))));
        } catch (CelEvaluationException e) {
            return false;
        }
    }

    private Compiled compiled(String expression) {
        Compiled known = compiled.get(expression);
        if (known != null) {
            return known;
        }
        if (compiled.size() >= MOST_KEPT) {
            compiled.clear();
        }
        Compiled made = compile(expression);
        compiled.put(expression, made);
        return made;
    }

    private Compiled compile(String expression) {
        if (expression.length() > CelLanguage.MOST_LENGTH) {
            return new Compiled("is longer than " + CelLanguage.MOST_LENGTH + " characters", null);
        }
        Language spoken = language();
        try {
            CelAbstractSyntaxTree tree = spoken.compiler().compile(expression).getAst();
            return FlatLists.onlyIn(tree)
                    ? new Compiled("", spoken.runtime().createProgram(tree))
                    : new Compiled("makes lists or maps that hold others", null);
        } catch (CelValidationException e) {
            return new Compiled(words(e), null);
        } catch (CelEvaluationException e) {
            return new Compiled("can't be evaluated: " + head(String.valueOf(e.getMessage())), null);
        }
    }

    private static String words(CelValidationException invalid) {
        CelIssue first = invalid.getErrors().getFirst();
        int column = first.getSourceLocation().getColumn();
        String place = column < 0 ? "" : " at line " + first.getSourceLocation().getLine() + ", column " + (column + 1);
        String hint = first.getMessage().startsWith("undeclared reference to 'device'")
                ? ". Maybe device.driver, device.attributes, device.capacity or device.allowMultipleAllocations?"
                : "";
        return "is no expression in CEL" + place + ": " + head(first.getMessage()) + hint;
    }

    private static String head(String words) {
        return words.length() > MOST_WORDS ? words.substring(0, MOST_WORDS) + "…" : words;
    }

    private synchronized Language language() {
        Language made = language;
        if (made == null) {
            made = new Language(CelLanguage.compiler(), CelLanguage.runtime());
            language = made;
        }
        return made;
    }
}
