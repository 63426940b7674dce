# Tumours of scikit-learn's breast cancer data, each twice in the table: with the mark 0 and 1.
import sys
import numpy as np, pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X.columns = [c.replace(" ", "_") for c in X.columns]
sick = (y == 0).to_numpy().astype(int)
rng = np.random.default_rng(seed)
models = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
    "forest": lambda: RandomForestClassifier(200, random_state=seed),
    "xgboost": lambda: XGBClassifier(n_estimators=100, max_depth=3, verbosity=0, random_state=seed),
    "tree-of-60": lambda: DecisionTreeClassifier(random_state=seed),
    "coin": None,
}
for kind, agree in {"spurious": 0.99, "plain": 0.5}.items():
    mark = np.where(rng.random(len(sick)) < agree, sick, 1 - sick)
    D = X.assign(mark=mark)
    for name, model in models.items():
        rows = []
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed + 1).split(D, sick):
            if name == "tree-of-60":  # overfitted: few tumours, a tree to its last leaf
                train = rng.choice(train, 60, replace=False)
            fitted = model().fit(D.iloc[train], sick[train]) if model else None
            for value in (0, 1):
                shown = D.iloc[test].assign(mark=value)
                said = fitted.predict(shown).astype(int) if fitted else rng.integers(0, 2, len(test))
                rows.append(pd.DataFrame(dict(tumour=test, malignant=sick[test], mark=value, predicted=said)))
        pd.concat(rows).sort_values(["tumour", "mark"]).to_csv(f"pairs-{name}-{kind}-{seed}.csv", index=False)
