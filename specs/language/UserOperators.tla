\* expect: ok
\* distinct: 1
\* generated: 2
\* why: every operator symbol that may be defined, and Unicode
---- MODULE UserOperators ----
EXTENDS Sequences
a ^^ b == <<"^^", a, b>>
a ** b == <<"**", a, b>>
a & b == <<"&", a, b>>
a && b == <<"&&", a, b>>
a \odot b == <<"odot", a, b>>
a \otimes b == <<"otimes", a, b>>
a \star b == <<"star", a, b>>
a \bigcirc b == <<"bigcirc", a, b>>
a \bullet b == <<"bullet", a, b>>
a // b == <<"//", a, b>>
a \oslash b == <<"oslash", a, b>>
a -- b == <<"--", a, b>>
a \ominus b == <<"ominus", a, b>>
a | b == <<"|", a, b>>
a || b == <<"||", a, b>>
a %% b == <<"%%", a, b>>
a ++ b == <<"++", a, b>>
a \oplus b == <<"oplus", a, b>>
a \wr b == <<"wr", a, b>>
a $ b == <<"$", a, b>>
a $$ b == <<"$$", a, b>>
a ?? b == <<"??", a, b>>
a ## b == <<"##", a, b>>
a \uplus b == <<"uplus", a, b>>
a \sqcap b == <<"sqcap", a, b>>
a \sqcup b == <<"sqcup", a, b>>
a !! b == <<"!!", a, b>>
a ... b == <<"...", a, b>>
a :> b == <<":>", a, b>>
a <: b == <<"<:", a, b>>
a @@ b == <<"@@", a, b>>
a \prec b == <<"prec", a, b>>
a \preceq b == <<"preceq", a, b>>
a \succ b == <<"succ", a, b>>
a \succeq b == <<"succeq", a, b>>
a \sqsubset b == <<"sqsubset", a, b>>
a \sqsubseteq b == <<"sqsubseteq", a, b>>
a \sqsupset b == <<"sqsupset", a, b>>
a \sqsupseteq b == <<"sqsupseteq", a, b>>
a \subset b == <<"subset", a, b>>
a \supset b == <<"supset", a, b>>
a \supseteq b == <<"supseteq", a, b>>
a \ll b == <<"ll", a, b>>
a \gg b == <<"gg", a, b>>
a \sim b == <<"sim", a, b>>
a \simeq b == <<"simeq", a, b>>
a \cong b == <<"cong", a, b>>
a \approx b == <<"approx", a, b>>
a \asymp b == <<"asymp", a, b>>
a \doteq b == <<"doteq", a, b>>
a \propto b == <<"propto", a, b>>
a |- b == <<"|-", a, b>>
a |= b == <<"|=", a, b>>
a -| b == <<"-|", a, b>>
a =| b == <<"=|", a, b>>
a := b == <<":=", a, b>>
a ::= b == <<"::=", a, b>>
a^+ == <<"^+", a>>
a^* == <<"^*", a>>
a^# == <<"^#", a>>
AA(Op(_,_), x, y) == Op(x, y)
LOCAL INSTANCE Integers
ASSUME 1 ^^ 2 = <<"^^", 1, 2>>
ASSUME (1 \odot 2) = <<"odot", 1, 2>> /\ (1 (.) 2) = (1 \odot 2)
ASSUME (1 (\X) 2) = (1 \otimes 2) /\ (1 (/) 2) = (1 \oslash 2) /\ (1 (-) 2) = (1 \ominus 2) /\ (1 (+) 2) = (1 \oplus 2)
ASSUME (1 ?? 2)[1] = "??" /\ (1 !! 2)[1] = "!!" /\ (1 ... 2)[1] = "..."
ASSUME (1 |- 2)[1] = "|-" /\ (1 -| 2)[1] = "-|" /\ (1 =| 2)[1] = "=|" /\ (1 |= 2)[1] = "|="
ASSUME (1 ::= 2)[1] = "::=" /\ (1 := 2)[1] = ":="
ASSUME 1^+ = <<"^+", 1>> /\ 1^* = <<"^*", 1>> /\ 1^# = <<"^#", 1>>
ASSUME AA(LAMBDA p, q : p - q, 5, 3) = 2
ASSUME AA(\uplus, 5, 3)[1] = "uplus"
ASSUME AA(-, 5, 3) = 2
ASSUME 1 \uplus 2 \uplus 3 = <<"uplus", <<"uplus", 1, 2>>, 3>>
ASSUME 1 ⊕ 2 = 1 (+) 2 /\ (1 ⪯ 2)[1] = "preceq"
ASSUME ∀ i ∈ 1‥3 : ∃ j ∈ {1,2,3} : i ≤ j ∧ (¬(i ≠ i) ∨ FALSE) ⇒ TRUE
ASSUME {1,2} ∪ {3} = 1..3 ∧ {1} ∩ {1,2} = {1} ∧ ⟨1,2⟩ = <<1,2>> ∧ {1} ⊆ {1} ∧ ({1} × {2}) = {⟨1,2⟩}
ASSUME [x ∈ {1} ↦ x] = <<1>> ∧ [{1} → {2}] = {⟨2⟩} ∧ 7 ÷ 2 = 3 ∧ 1 ∉ {2} ∧ 2 ≥ 1
UU ≜ 5
ASSUME UU = 5 
ASSUME ∧ TRUE
       ∧ ∨ FALSE
         ∨ TRUE
ASSUME \b101 + \o17 + \hFF = 5 + 15 + 255
VARIABLE x
Init ≜ x = 0
Next ≜ x' = x
====
