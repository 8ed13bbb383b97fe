package dev.interposer.tests.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** A method does one thing and is told few. Read from the syntax trees of the sources. */
class MethodRulesTest {
    private static final int MOST_LINES = 70;
    private static final int MOST_PARAMETERS = 5;

    @Test
    void aMethodFitsTheScreenAndTakesFewParameters() throws IOException {
        List<String> found = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Path> sources = SourceTree.production();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new LongMethods(unit, positions, found).scan(unit, null);
            }
        }
        assertThat(found).isEmpty();
    }

    private static final class LongMethods extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> found;

        LongMethods(CompilationUnitTree unit, SourcePositions positions, List<String> found) {
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            LineMap lines = unit.getLineMap();
            long first = lines.getLineNumber(positions.getStartPosition(unit, method));
            long last = lines.getLineNumber(positions.getEndPosition(unit, method));
            String where = unit.getSourceFile().getName() + ":" + first + ": " + method.getName();
            if (last - first + 1 > MOST_LINES) {
                found.add(where + " has " + (last - first + 1) + " lines");
            }
            if (method.getParameters().size() > MOST_PARAMETERS && !belongsToARecord()) {
                found.add(where + " takes " + method.getParameters().size() + " parameters. Maybe a record?");
            }
            return super.visitMethod(method, null);
        }

        /** The constructor of a record lists its components; that is its point. */
        private boolean belongsToARecord() {
            Tree owner = getCurrentPath().getParentPath().getLeaf();
            return owner instanceof ClassTree type && type.getKind() == Tree.Kind.RECORD;
        }
    }
}
