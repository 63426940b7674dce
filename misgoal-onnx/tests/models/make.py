"""Writes the models and tables beside it, and the labels that ONNX Runtime gives.

scikit-learn 1.9.1, XGBoost 3.2, LightGBM 4.7, skl2onnx 1.20, onnxmltools 1.16, ONNX Runtime 1.31: `python make.py`.
"""

import numpy as np
import onnxmltools
import onnxruntime as ort
import pandas as pd
from onnxmltools.convert.common.data_types import FloatTensorType as XFloat
from lightgbm import LGBMClassifier
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

X, y = load_breast_cancer(return_X_y=True)
X = X[:, :8].astype(np.float32)
I, k = load_iris(return_X_y=True)
I = I.astype(np.float32)
W = np.array(["setosa", "versicolor", "virginica"])[k]
models = {}


def skl(name, model, X, y):
    models[name] = (to_onnx(model.fit(X, y), X[:1]), X)


def boosted(name, convert, model, X, y):
    models[name] = (convert(model.fit(X, y), initial_types=[("x", XFloat([None, X.shape[1]]))], target_opset=15), X)


skl("logistic", make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)), X, y)
skl("logistic-words", make_pipeline(MinMaxScaler(), LogisticRegression()), I, W)
skl("forest", RandomForestClassifier(20, max_depth=6, random_state=0), X, y)
skl("forest-words", RandomForestClassifier(10, random_state=0), I, W)
skl("tree", DecisionTreeClassifier(random_state=0), X, y)
skl("gb", GradientBoostingClassifier(n_estimators=20, random_state=0), X, y)
skl("gb3", GradientBoostingClassifier(n_estimators=10, random_state=0), I, W)
skl("ada", AdaBoostClassifier(n_estimators=10, random_state=0), X, y)
skl("mlp", make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=300, random_state=0)), X, y)
skl("mlp3", make_pipeline(Normalizer(), MLPClassifier((8,), max_iter=300, random_state=0)), I, W)
skl("sgd", make_pipeline(StandardScaler(), SGDClassifier(random_state=0)), X, y)
skl("ridge", RidgeClassifier(), X, y)
skl("svc", make_pipeline(StandardScaler(), SVC()), X, y)
skl("nb", GaussianNB(), X, y)
boosted("xgb", onnxmltools.convert_xgboost, XGBClassifier(n_estimators=30, max_depth=3), X, y)
boosted("xgb3", onnxmltools.convert_xgboost, XGBClassifier(n_estimators=10, max_depth=3), I, k)
boosted("lgbm3", onnxmltools.convert_lightgbm, LGBMClassifier(n_estimators=10, verbose=-1), I, k)

# One input a column, of three types.
D = pd.DataFrame(X[:, :3], columns=["radius", "texture", "area"])
D["place"] = np.where(X[:, 3] > 500, "north", "south")
D["mark"] = y
columns = ColumnTransformer(
    [("n", StandardScaler(), ["radius", "texture", "area"]), ("c", OneHotEncoder(), ["place"]), ("p", "passthrough", ["mark"])]
)
kinds = [(name, FloatTensorType([None, 1])) for name in ["radius", "texture", "area"]]
kinds += [("place", StringTensorType([None, 1])), ("mark", Int64TensorType([None, 1]))]
pipe = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(D, y)
models["columns"] = (convert_sklearn(pipe, initial_types=kinds), D)

for name, data in {"breast": X, "iris": I}.items():
    head = ",".join(f"x{at}" for at in range(data.shape[1]))
    np.savetxt(f"{name}.csv", data, delimiter=",", header=head, comments="", fmt="%.9g")
D.to_csv("columns.csv", index=False)
for name, (model, data) in models.items():
    with open(f"{name}.onnx", "wb") as file:
        file.write(model.SerializeToString())
    if name == "svc":  # has an operator that is not run
        continue
    session = ort.InferenceSession(model.SerializeToString())
    kind = {"f": np.float32, "i": np.int64}
    if name == "columns":
        feed = {column: data[[column]].to_numpy().astype(kind.get(data[column].dtype.kind, object)) for column in data}
    else:
        feed = {session.get_inputs()[0].name: data}
    labels = session.run(None, feed)[0]
    with open(f"{name}.txt", "w") as file:
        file.writelines(f"{label}\n" for label in np.ravel(labels))
